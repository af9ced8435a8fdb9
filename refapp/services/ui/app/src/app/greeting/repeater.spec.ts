import { signal } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { Visibility } from '../shared/visibility';
import { Repeater } from './repeater';
import { Session } from './session';

describe('Repeater', () => {
  const visible = signal(true);
  const ask = vi.fn(async () => undefined);
  let repeater: Repeater;

  beforeEach(() => {
    vi.useFakeTimers();
    ask.mockClear();
    visible.set(true);
    TestBed.configureTestingModule({
      providers: [
        { provide: Session, useValue: { ask } },
        { provide: Visibility, useValue: { visible } },
      ],
    });
    repeater = TestBed.inject(Repeater);
    TestBed.tick();
  });

  afterEach(() => {
    choose(0);
    vi.useRealTimers();
  });

  function choose(rate: number): void {
    repeater.rate.set(rate);
    TestBed.tick();
  }

  it('asks nothing until it is told to', async () => {
    await vi.advanceTimersByTimeAsync(5000);
    expect(ask).not.toHaveBeenCalled();
  });

  it.each([1, 2, 5])('asks %d times a second', async (rate) => {
    choose(rate);
    await vi.advanceTimersByTimeAsync(2000 - 1);
    expect(ask).toHaveBeenCalledTimes(2 * rate);
  });

  it('follows another choice, and stops', async () => {
    choose(1);
    await vi.advanceTimersByTimeAsync(500);
    choose(0);
    await vi.advanceTimersByTimeAsync(5000);
    expect(ask).toHaveBeenCalledTimes(1);
  });

  it('pauses while the tab is hidden', async () => {
    choose(1);
    await vi.advanceTimersByTimeAsync(100);
    visible.set(false);
    TestBed.tick();
    expect(repeater.paused()).toBe(true);
    await vi.advanceTimersByTimeAsync(5000);
    expect(ask).toHaveBeenCalledTimes(1);
    visible.set(true);
    TestBed.tick();
    expect(repeater.paused()).toBe(false);
    await vi.advanceTimersByTimeAsync(100);
    expect(ask).toHaveBeenCalledTimes(2);
  });
});
