import { repeat } from './pace';

describe('repeat', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** A task that takes as long as it is told, and when it began: to 10 ms, as a timer takes at least one. */
  function task(lasts: (turn: number) => number) {
    const began: number[] = [];
    const start = performance.now();
    const run = async (): Promise<void> => {
      began.push(Math.round((performance.now() - start) / 10) * 10);
      await new Promise((resolve) => setTimeout(resolve, lasts(began.length)));
    };
    return { began, run };
  }

  it('runs at once, and then at each interval', async () => {
    const { began, run } = task(() => 0);
    const end = repeat(100, run);
    await vi.advanceTimersByTimeAsync(350);
    end();
    expect(began).toEqual([0, 100, 200, 300]);
  });

  it('keeps the beat while the task takes less than the interval', async () => {
    const { began, run } = task(() => 70);
    const end = repeat(100, run);
    await vi.advanceTimersByTimeAsync(350);
    end();
    expect(began).toEqual([0, 100, 200, 300]);
  });

  it('makes up for one missed run, not for all', async () => {
    const { began, run } = task((turn) => (turn === 1 ? 1000 : 0));
    const end = repeat(100, run);
    await vi.advanceTimersByTimeAsync(1250);
    end();
    expect(began).toEqual([0, 1000, 1100, 1200]);
  });

  it('never runs twice at a time', async () => {
    let running = 0;
    let most = 0;
    const end = repeat(10, async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 55));
      running--;
    });
    await vi.advanceTimersByTimeAsync(500);
    end();
    expect(most).toBe(1);
  });

  it('does not run again when it was ended, also in the middle of a run', async () => {
    const { began, run } = task(() => 50);
    const end = repeat(100, run);
    await vi.advanceTimersByTimeAsync(120);
    end();
    await vi.advanceTimersByTimeAsync(1000);
    expect(began).toEqual([0, 100]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
