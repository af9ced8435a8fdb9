import { TestBed } from '@angular/core/testing';
import { textsOf } from '../../testing/dom';
import { JAEGER_ANSWER } from '../../testing/trace';
import { readSpans } from './jaeger';
import { TimelineView } from './timeline-view';

describe('TimelineView', () => {
  async function render() {
    const fixture = TestBed.createComponent(TimelineView);
    fixture.componentRef.setInput('spans', readSpans(JAEGER_ANSWER));
    await fixture.whenStable();
    return { fixture, view: fixture.nativeElement as HTMLElement };
  }

  it('has a line for each span', async () => {
    const { view } = await render();
    expect(view.querySelector('h2')?.textContent).toBe('service-a: service-b/*');
    expect(textsOf(view, '.summary li')).toEqual([
      '2023-11-14 22:13:20.000 UTC',
      '2 ms',
      '2 services',
      'depth 2',
      '2 spans',
      '1 error',
    ]);
    const bars = [...view.querySelectorAll<HTMLElement>('.bar')];
    expect(bars.map((bar) => [bar.style.left, bar.style.width])).toEqual([
      ['0%', '100%'],
      ['25%', '50%'],
    ]);
    expect(textsOf(view, '.track .duration')).toEqual(['2 ms', '1 ms']);
  });

  it('marks errors and notes in words', async () => {
    const { view } = await render();
    const [first, second] = view.querySelectorAll('.timeline li');
    expect(first.querySelector('.failed, .odd')).toBeNull();
    expect(second.querySelector('.failed')?.textContent).toBe('error');
    expect(second.querySelector('.odd')?.textContent).toBe('note');
  });

  it('opens a span to its tags, process and logs, and closes it', async () => {
    const { fixture, view } = await render();
    const button = view.querySelectorAll<HTMLButtonElement>('button.span')[1];
    button.click();
    await fixture.whenStable();
    expect(button.getAttribute('aria-expanded')).toBe('true');
    const details = view.querySelector('app-span-details')!;
    expect(details.textContent).toContain('http.status_code');
    expect(details.textContent).toContain('gave up');
    expect(details.textContent).toContain('clock skew adjusted');
    expect(textsOf(details, 'caption')).toEqual(['Tags', 'Logs, from the start of the span']);
    expect(details.querySelector('table:last-of-type th')?.textContent).toBe('200 µs');
    button.click();
    await fixture.whenStable();
    expect(view.querySelector('app-span-details')).toBeNull();
  });
});
