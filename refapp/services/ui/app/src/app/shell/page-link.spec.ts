import { Component } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { Navigation } from './navigation';
import { PageHeading } from './page-heading';
import { PageLink } from './page-link';

@Component({
  imports: [PageHeading, PageLink],
  template: '<h1 appPageHeading="Graph">Graph</h1><a appPageLink="/graph">Graph</a>',
})
class Host {}

describe('PageLink', () => {
  const navigation = { go: vi.fn(), moved: false };
  let host: HTMLElement;

  async function render(): Promise<void> {
    const fixture = TestBed.createComponent(Host);
    host = fixture.nativeElement as HTMLElement;
    document.body.append(host);
    await fixture.whenStable();
  }

  beforeEach(() => {
    navigation.go.mockClear();
    navigation.moved = false;
    TestBed.configureTestingModule({ providers: [{ provide: Navigation, useValue: navigation }] });
  });

  const click = (init: MouseEventInit = {}): boolean =>
    host.querySelector('a')!.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, ...init }));

  it('is a link, and goes to its page without loading it', async () => {
    await render();
    expect(host.querySelector('a')!.getAttribute('href')).toBe('/graph');
    expect(click()).toBe(false);
    expect(navigation.go).toHaveBeenCalledExactlyOnceWith('/graph');
  });

  it.each([{ ctrlKey: true }, { metaKey: true }, { shiftKey: true }, { button: 1 }])(
    'leaves %o to the browser',
    async (init) => {
      await render();
      click(init);
      expect(navigation.go).not.toHaveBeenCalled();
    },
  );

  it('has headings that name the tab, and take the focus when the reader came from another page', async () => {
    await render();
    expect(document.title).toBe('Graph · Reference platform');
    expect(document.activeElement).not.toBe(host.querySelector('h1'));
    navigation.moved = true;
    await render();
    expect(document.activeElement).toBe(host.querySelector('h1'));
  });
});
