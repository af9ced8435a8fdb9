import { signal } from '@angular/core';
import { ComponentFixture, TestBed } from '@angular/core/testing';
import { exchange } from '../../testing/platform';
import { span } from '../../testing/trace';
import { Session } from '../greeting/session';
import { Navigation } from '../shell/navigation';
import { TracePage } from './trace-page';
import { Search, TraceSearch } from './trace-search';

describe('TracePage', () => {
  const result = signal<Search>({ state: 'none' });
  const start = vi.fn();
  const go = vi.fn();
  const history = signal([exchange(12)]);
  const id = 'ab'.repeat(16);
  let fixture: ComponentFixture<TracePage>;
  let page: HTMLElement;

  async function render(traceId: string, search: Search = { state: 'none' }): Promise<void> {
    start.mockClear();
    go.mockClear();
    result.set(search);
    TestBed.configureTestingModule({
      providers: [
        { provide: Session, useValue: { history } },
        { provide: Navigation, useValue: { go, moved: false } },
      ],
    });
    TestBed.overrideComponent(TracePage, {
      set: { providers: [{ provide: TraceSearch, useValue: { result, start } }] },
    });
    fixture = TestBed.createComponent(TracePage);
    fixture.componentRef.setInput('id', traceId);
    page = fixture.nativeElement as HTMLElement;
    await fixture.whenStable();
  }

  it('looks for the trace in the address, and for the next one', async () => {
    await render(id);
    expect(start).toHaveBeenCalledExactlyOnceWith(id);
    fixture.componentRef.setInput('id', 'cd'.repeat(8));
    await fixture.whenStable();
    expect(start).toHaveBeenLastCalledWith('cd'.repeat(8));
  });

  it('does not look for what is no id', async () => {
    await render('<script>');
    expect(start).not.toHaveBeenCalled();
    expect(page.querySelector('[role=alert]')?.textContent).toContain('<script>');
    expect(page.querySelector('input')?.getAttribute('aria-invalid')).toBe('true');
  });

  it('goes to the id in the field', async () => {
    await render('');
    page.querySelector('input')!.value = ` ${id} `;
    page.querySelector('form')!.dispatchEvent(new Event('submit', { cancelable: true }));
    expect(go).toHaveBeenCalledExactlyOnceWith(`/trace/${id}`);
  });

  it('does nothing with an empty field', async () => {
    await render('');
    page.querySelector('form')!.dispatchEvent(new Event('submit', { cancelable: true }));
    expect(go).not.toHaveBeenCalled();
  });

  it('offers the last requests', async () => {
    await render('');
    expect(page.querySelector('.recent a')?.getAttribute('href')).toBe(`/trace/${'1'.repeat(32)}`);
  });

  it.each<[Search, string]>([
    [{ state: 'looking' }, 'Looking for the trace'],
    [{ state: 'missing' }, 'There is no trace with this id'],
    [{ state: 'failed', reason: 'Jaeger is away' }, 'Jaeger is away'],
    [{ state: 'found', spans: [span('a')], settled: false }, 'More spans may arrive'],
    [{ state: 'found', spans: [span('a')], settled: true }, 'All spans that arrived are shown'],
  ])('tells how the search goes: %j', async (search, words) => {
    await render(id, search);
    expect(page.querySelector('[role=status]')?.textContent).toContain(words);
    expect(page.querySelector('.timeline') !== null).toBe(search.state === 'found');
  });

  it('looks again when it is asked to', async () => {
    await render(id, { state: 'missing' });
    page.querySelector<HTMLButtonElement>('[role=status] button')!.click();
    expect(start).toHaveBeenCalledTimes(2);
  });
});
