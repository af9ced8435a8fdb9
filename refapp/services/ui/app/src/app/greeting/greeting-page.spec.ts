import { signal } from '@angular/core';
import { ComponentFixture, TestBed } from '@angular/core/testing';
import { exchange, FAILURE, greeting, SETTINGS_OF_TESTS } from '../../testing/platform';
import { SETTINGS } from '../settings/settings';
import { Exchange } from './greeting-service';
import { GreetingPage } from './greeting-page';
import { Repeater } from './repeater';
import { Session } from './session';

describe('GreetingPage', () => {
  const history = signal<readonly Exchange[]>([]);
  const asking = signal(false);
  const rate = signal(0);
  const paused = signal(false);
  const ask = vi.fn();
  let fixture: ComponentFixture<GreetingPage>;
  let page: HTMLElement;

  beforeEach(async () => {
    history.set([]);
    asking.set(false);
    rate.set(0);
    paused.set(false);
    ask.mockClear();
    TestBed.configureTestingModule({
      providers: [
        { provide: SETTINGS, useValue: SETTINGS_OF_TESTS },
        { provide: Session, useValue: { history, asking, ask, latest: () => history().at(-1) } },
        { provide: Repeater, useValue: { rate, paused } },
      ],
    });
    fixture = TestBed.createComponent(GreetingPage);
    page = fixture.nativeElement as HTMLElement;
    await fixture.whenStable();
  });

  async function show(...exchanges: Exchange[]): Promise<void> {
    history.set(exchanges);
    await fixture.whenStable();
  }

  const announced = () => page.querySelector('[role=status]')!.textContent;

  it('asks when the button is pressed', () => {
    page.querySelector('button')!.click();
    expect(ask).toHaveBeenCalledOnce();
  });

  it('tells that it asks, and leaves the focus where it is', async () => {
    asking.set(true);
    await fixture.whenStable();
    const button = page.querySelector('button')!;
    expect([button.getAttribute('aria-disabled'), button.disabled]).toEqual(['true', false]);
    expect(page.textContent).toContain('Asking …');
  });

  it('shows the chain, the response time and the trace', async () => {
    await show(exchange(23, { greetings: ['Service A', 'Service B', 'Service C'].map((name) => greeting(name)) }));
    expect(page.querySelectorAll('.chain .message')).toHaveLength(3);
    expect(page.querySelector('.facts .duration')?.textContent).toBe('23 ms');
    expect(page.querySelector('a.id')?.getAttribute('href')).toBe(`/trace/${'1'.repeat(32)}`);
    expect(announced()).toBe('3 greetings in 23 ms.');
    expect(page.querySelector('.latency')).toBeNull();
  });

  it('shows greetings that have no place in the chain', async () => {
    await show(exchange(23, { greetings: [greeting('Service Z')] }));
    expect(page.querySelector('.flat h3')?.textContent).toBe('Service Z');
  });

  it('shows a failure in place of the chain', async () => {
    await show(exchange(23, { failure: FAILURE }));
    expect(page.querySelector('.notice.error')?.textContent).toContain('UNAVAILABLE');
    expect(page.querySelector('.chain')).toBeNull();
    expect(announced()).toBe('Failed. A service cannot be reached.');
  });

  it('draws the response times when there are several', async () => {
    await show(exchange(23), exchange(24));
    expect(page.querySelectorAll('.latency rect')).toHaveLength(2);
  });

  it('lets a rate be chosen', async () => {
    const select = page.querySelector('select')!;
    expect([...select.options].map((option) => option.text.trim())).toEqual([
      'off',
      '1 a second',
      '2 a second',
      '5 a second',
      '10 a second',
    ]);
    select.value = '5';
    select.dispatchEvent(new Event('change'));
    expect(rate()).toBe(5);
  });

  it('interrupts a reader only when repeated requests begin to fail', async () => {
    rate.set(2);
    await show(exchange(23));
    const before = announced();
    await show(exchange(23), exchange(99));
    expect(announced()).toBe(before);
    await show(exchange(23), exchange(99, { failure: FAILURE }));
    expect(announced()).toContain('Failed');
  });

  it('tells that it pauses', async () => {
    paused.set(true);
    await fixture.whenStable();
    expect(page.textContent).toContain('Paused while this tab is hidden');
  });
});
