import { Type } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { textsOf } from '../../testing/dom';
import { exchange, FAILURE, greeting, WORKLOADS } from '../../testing/platform';
import { chainOf } from './chain';
import { FailureView } from './failure-view';
import { GreetingText } from './greeting-text';
import { HopView } from './hop-view';
import { LatencyView } from './latency-view';

async function render(component: Type<unknown>, inputs: Record<string, unknown>): Promise<HTMLElement> {
  const fixture = TestBed.createComponent(component);
  for (const [name, value] of Object.entries(inputs)) fixture.componentRef.setInput(name, value);
  await fixture.whenStable();
  return fixture.nativeElement as HTMLElement;
}

it('lets a greeting run in the direction of its script', async () => {
  const view = await render(GreetingText, { greeting: greeting('Service D', 'שָׁלוֹם') });
  expect(view.querySelector('.message')).toMatchObject({ dir: 'auto', textContent: 'שָׁלוֹם' });
  expect(view.querySelector('.host')?.tagName).toBe('BDI');
  expect(view.querySelector('time')?.getAttribute('datetime')).toBe('2026-01-02T03:04:05.678Z');
});

describe('HopView', () => {
  it('nests calls, and marks who is silent', async () => {
    const [hop] = chainOf(WORKLOADS, [greeting('Service A'), greeting('Service B')]).hops;
    const view = await render(HopView, { 'app-hop-view': hop });
    expect(textsOf(view, 'h3')).toEqual(['Gateway', 'Service A', 'Service B', 'Queue letters', 'Service C']);
    const calls = view.querySelector('ol[aria-label="Called by Service A"]')!;
    expect(calls.querySelectorAll(':scope > li')).toHaveLength(2);
    expect(textsOf(view, '.silent h3')).toEqual(['Service C']);
    expect(view.querySelector('.absent')?.textContent).toContain('no greeting');
  });

  it('tells that the message of a queue is no part of the answer', async () => {
    const [hop] = chainOf(WORKLOADS, [greeting('Service B')]).hops[0].calls[0].calls;
    const view = await render(HopView, { 'app-hop-view': hop });
    expect(view.querySelector('.later')?.textContent).toMatch(
      /Service D\s+takes it later and stores it: no part of this answer/,
    );
  });

  it('tells when nobody takes messages from a queue', async () => {
    const [hop] = chainOf(WORKLOADS.slice(0, 4), []).hops[0].calls[0].calls;
    expect((await render(HopView, { 'app-hop-view': hop })).textContent).toContain('Nobody takes it');
  });
});

describe('FailureView', () => {
  it('tells in words what failed, what to do, and the statuses', async () => {
    const text = (await render(FailureView, { failure: FAILURE })).textContent;
    expect(text).toContain('A service cannot be reached.');
    expect(text).toContain('Ask again.');
    expect(text).toMatch(/UNAVAILABLE\s*\(14\)/);
    expect(text).toContain('503');
    expect(text).toContain('service-b is away');
    expect(text).not.toContain('concluded');
  });

  it('tells nothing that is not known', async () => {
    const view = await render(FailureView, { failure: { ...FAILURE, status: undefined, http: 0, detail: '' } });
    expect(view.querySelectorAll('dt')).toHaveLength(0);
  });

  it('tells when the status was concluded', async () => {
    expect((await render(FailureView, { failure: { ...FAILURE, told: false } })).textContent).toContain('concluded');
  });
});

it('draws a bar for each exchange, a mark for each failure, and has a text', async () => {
  const view = await render(LatencyView, { exchanges: [exchange(10), exchange(20, { failure: FAILURE })] });
  expect(view.querySelectorAll('rect')).toHaveLength(2);
  expect(view.querySelectorAll('rect.failed')).toHaveLength(1);
  expect(view.querySelectorAll('.mark')).toHaveLength(1);
  const label = view.querySelector('svg')!.getAttribute('aria-labelledby')!;
  expect(view.querySelector(`#${label}`)?.textContent).toContain('1 failed');
});
