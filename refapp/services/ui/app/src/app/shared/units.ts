const UNITS = [
  [1_000_000, 's'],
  [1_000, 'ms'],
  [1, 'µs'],
] as const;

/** A duration in the largest unit of which there is at least one, as Jaeger has it: 8.12 ms, 950 µs, 1.5 s. */
export function duration(microseconds: number): string {
  const [size, unit] = UNITS.find(([size]) => Math.abs(microseconds) >= size) ?? UNITS[2];
  return `${decimal(microseconds / size, 2)} ${unit}`;
}

/** Milliseconds as a reader wants them: no digits after the point where there are enough before it. */
export function milliseconds(value: number): string {
  return value >= 1000 ? `${decimal(value / 1000, 2)} s` : `${decimal(value, value < 10 ? 1 : 0)} ms`;
}

/** A rate: 3.2/s for requests. */
export function rate(perSecond: number): string {
  return `${decimal(perSecond, perSecond < 10 ? 2 : 0)}/s`;
}

/** A rate of bytes: 1.2 kB/s. */
export function byteRate(perSecond: number): string {
  const [size, unit] = perSecond >= 1e6 ? [1e6, 'MB'] : perSecond >= 1e3 ? [1e3, 'kB'] : [1, 'B'];
  return `${decimal(perSecond / size, 1)} ${unit}/s`;
}

/** A share of one in per cent; what is not nothing is not shown as 0. */
export function percent(share: number): string {
  return share > 0 && share < 0.001 ? '< 0.1 %' : `${decimal(share * 100, 1)} %`;
}

/** The number and the thing, in the plural where there is not exactly one. */
export function counted(number: number, thing: string): string {
  return `${decimal(number, 0)} ${thing}${number === 1 ? '' : 's'}`;
}

/** The time of day with milliseconds, where the reader is; empty for what is no time. */
export function clock(time: Date): string {
  return Number.isNaN(time.getTime()) ? '' : CLOCK.format(time);
}

const CLOCK = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
});

function decimal(value: number, digits: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: digits });
}
