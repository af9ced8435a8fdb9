import { exchange, FAILURE } from '../../testing/platform';
import { latencyChart } from './latency';
import { REMEMBERED } from './session';

describe('latencyChart', () => {
  it('scales the bars to a round number', () => {
    const { bars, top } = latencyChart([exchange(10), exchange(40)]);
    expect(top).toBe(50);
    expect(bars.map(({ height }) => height)).toEqual([20, 80]);
    expect(bars.map(({ y }) => y)).toEqual([80, 20]);
  });

  it('has the latest at the right end, and stays within the chart', () => {
    const { bars } = latencyChart(Array.from({ length: REMEMBERED }, (_, place) => exchange(place)));
    expect(bars[0].x).toBeGreaterThanOrEqual(0);
    const last = bars.at(-1)!;
    expect(last.x + last.width).toBeLessThanOrEqual(100);
    expect(latencyChart([exchange(1)]).bars[0].x).toBeCloseTo(last.x);
  });

  it('marks what failed', () => {
    expect(latencyChart([exchange(1), exchange(2, { failure: FAILURE })]).bars.map(({ failed }) => failed)).toEqual([
      false,
      true,
    ]);
  });

  it('says in words what it shows', () => {
    const exchanges = [exchange(30), exchange(12), exchange(20, { failure: FAILURE })];
    expect(latencyChart(exchanges).summary).toBe(
      'Response times of the last 3 requests: fastest 12 ms, median 20 ms, slowest 30 ms; 1 failed.',
    );
    expect(latencyChart([exchange(12)]).summary).toContain('last 1 request: fastest 12 ms');
    expect(latencyChart([]).summary).toBe('Nothing was asked yet.');
  });

  it.each([
    [0, 1],
    [1.5, 2],
    [100, 100],
    [101, 200],
    [4999, 5000],
  ])('ends at a round number above %d ms', (value, top) => expect(latencyChart([exchange(value)]).top).toBe(top));
});
