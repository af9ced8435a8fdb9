import { provideHttpClient } from '@angular/common/http';
import { provideHttpClientTesting } from '@angular/common/http/testing';
import { ComponentFixture, DeferBlockBehavior, TestBed } from '@angular/core/testing';
import { LoggerTestingModule } from 'ngx-logger/testing';
import { textsOf } from '../../testing/dom';
import { SETTINGS_OF_TESTS } from '../../testing/platform';
import { Repeater } from '../greeting/repeater';
import { SETTINGS, Settings } from '../settings/settings';
import { App } from './app';
import { Navigation } from './navigation';

describe('App', () => {
  let fixture: ComponentFixture<App>;
  let page: HTMLElement;

  async function start(path: string, settings: Partial<Settings> = {}): Promise<void> {
    history.replaceState(null, '', path);
    vi.spyOn(window, 'scrollTo').mockImplementation(() => undefined);
    TestBed.configureTestingModule({
      imports: [App, LoggerTestingModule],
      providers: [
        provideHttpClient(),
        provideHttpClientTesting(),
        { provide: SETTINGS, useValue: { ...SETTINGS_OF_TESTS, ...settings } },
      ],
      deferBlockBehavior: DeferBlockBehavior.Playthrough,
    });
    await TestBed.compileComponents();
    fixture = TestBed.createComponent(App);
    page = fixture.nativeElement as HTMLElement;
    await fixture.whenStable();
  }

  const heading = () => page.querySelector('h1')?.textContent;
  const current = () => textsOf(page, 'nav [aria-current=page]');

  it.each([
    ['/', 'Greeting'],
    ['/trace', 'Trace'],
    ['/trace/xyz', 'Trace'],
    ['/graph', 'Graph'],
  ])('shows the page at %s', async (path, title) => {
    await start(path);
    await vi.waitFor(() => expect(heading()).toBe(title));
    expect(current()).toEqual([title]);
  });

  it('tells when there is no such page', async () => {
    await start('/nowhere');
    expect(heading()).toBe('No such page');
    expect(current()).toEqual([]);
  });

  it('goes from page to page', async () => {
    await start('/nowhere');
    TestBed.inject(Navigation).go('/');
    await fixture.whenStable();
    expect(heading()).toBe('Greeting');
  });

  it('links to the documentation of the API', async () => {
    await start('/');
    expect([...page.querySelectorAll('nav a')].at(-1)?.getAttribute('href')).toBe('/docs/');
  });

  it('tells on other pages that requests repeat themselves, and stops them', async () => {
    await start('/nowhere');
    const { rate } = TestBed.inject(Repeater);
    rate.set(2);
    await fixture.whenStable();
    expect(page.querySelector('.repeating')?.textContent).toContain('2 times a second');
    page.querySelector<HTMLButtonElement>('.repeating button')!.click();
    expect(rate()).toBe(0);
  });

  it('tells when it could not read its settings', async () => {
    await start('/', { problem: 'HTTP 500' });
    expect(page.querySelector('[role=alert]')?.textContent).toContain('HTTP 500');
  });

  it('lets the keyboard skip to the content', async () => {
    await start('/');
    document.body.append(page);
    page.querySelector<HTMLAnchorElement>('.skip')!.click();
    expect(document.activeElement).toBe(page.querySelector('main'));
    page.remove();
  });
});
