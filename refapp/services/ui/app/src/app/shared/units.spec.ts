import { byteRate, clock, counted, duration, milliseconds, percent, rate } from './units';

it.each([
  [0, '0 µs'],
  [950, '950 µs'],
  [8_120, '8.12 ms'],
  [1_500_000, '1.5 s'],
])('writes %d microseconds', (value, written) => expect(duration(value)).toBe(written));

it.each([
  [0.34, '0.3 ms'],
  [23.4, '23 ms'],
  [1234, '1.23 s'],
])('writes %d milliseconds', (value, written) => expect(milliseconds(value)).toBe(written));

it.each([
  [0, '0 %'],
  [0.0001, '< 0.1 %'],
  [0.015, '1.5 %'],
  [1, '100 %'],
])('writes a share of %d', (value, written) => expect(percent(value)).toBe(written));

it('writes rates', () => {
  expect(rate(3.216)).toBe('3.22/s');
  expect(rate(120.4)).toBe('120/s');
  expect(byteRate(12)).toBe('12 B/s');
  expect(byteRate(1234)).toBe('1.2 kB/s');
  expect(byteRate(2.5e6)).toBe('2.5 MB/s');
});

it('counts', () => {
  expect(counted(1, 'span')).toBe('1 span');
  expect(counted(0, 'span')).toBe('0 spans');
  expect(counted(1200, 'span')).toBe('1,200 spans');
});

it('writes times of day, and nothing for what is none', () => {
  expect(clock(new Date(2026, 0, 2, 3, 4, 5, 67))).toBe('03:04:05.067');
  expect(clock(new Date('nonsense'))).toBe('');
});
