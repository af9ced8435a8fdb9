import { span } from '../../testing/trace';
import { timelineOf } from './timeline';

const START = span('x').start;

describe('timelineOf', () => {
  it('places bars by start and duration', () => {
    const { rows, duration } = timelineOf([
      span('root', { duration: 1000 }),
      span('child', { parentId: 'root', start: START + 250, duration: 500 }),
    ]);
    expect(duration).toBe(1000);
    expect(rows.map(({ left, width, depth, offset }) => [left, width, depth, offset])).toEqual([
      [0, 100, 0, 0],
      [25, 50, 1, 250],
    ]);
  });

  it('writes durations where there is room', () => {
    const { rows } = timelineOf([
      span('root', { duration: 1000 }),
      span('early', { parentId: 'root', start: START + 10, duration: 10 }),
      span('late', { parentId: 'root', start: START + 950, duration: 10 }),
    ]);
    expect(rows.map(({ place }) => place)).toEqual(['upon', 'after', 'before']);
  });

  it('keeps every bar on the axis when clocks differ, and says so', () => {
    const { rows, duration } = timelineOf([
      span('root', { duration: 1000 }),
      span('early', { parentId: 'root', start: START - 500, duration: 100 }),
      span('long', { parentId: 'root', start: START + 900, duration: 600 }),
    ]);
    expect(duration).toBe(2000);
    for (const { left, width } of rows) {
      expect(left).toBeGreaterThanOrEqual(0);
      expect(left + width).toBeLessThanOrEqual(100);
    }
    expect(rows[1].notes).toEqual(['Starts 500 µs before its parent: the clocks of their hosts differ.']);
    expect(rows[2].notes).toEqual([]);
  });

  it('notes warnings and missing parents', () => {
    const { rows } = timelineOf([span('a', { parentId: 'gone', warnings: ['odd'] })]);
    expect(rows[0].notes).toEqual(['odd', 'Its parent gone is not in this trace.']);
  });

  it('counts services, levels and errors', () => {
    const timeline = timelineOf([
      span('a', { service: 'ingress.dev' }),
      span('b', { parentId: 'a', service: 'service-a.dev', failed: true, start: START + 1 }),
      span('c', { parentId: 'b', service: 'ingress.dev', start: START + 2 }),
    ]);
    expect(timeline).toMatchObject({
      services: ['ingress', 'service-a'],
      depth: 3,
      errors: 1,
      title: 'ingress: Greeting',
    });
    expect(timeline.rows.map(({ tone }) => tone)).toEqual(['tone-0', 'tone-1', 'tone-0']);
  });

  it('labels the axis from nothing to the whole', () => {
    expect(timelineOf([span('a', { duration: 2000 })]).ticks).toEqual([
      { left: 0, label: '0 µs' },
      { left: 25, label: '500 µs' },
      { left: 50, label: '1 ms' },
      { left: 75, label: '1.5 ms' },
      { left: 100, label: '2 ms' },
    ]);
  });

  it('can draw a trace that took no time', () => {
    expect(timelineOf([span('a', { duration: 0 })]).rows[0]).toMatchObject({ left: 0, width: 0 });
  });
});
