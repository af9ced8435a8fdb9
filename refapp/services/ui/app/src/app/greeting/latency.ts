import { counted, milliseconds } from '../shared/units';
import { Exchange } from './greeting-service';
import { REMEMBERED } from './session';

/** A bar of the chart; places and sizes in per cent of it. */
export interface Bar {
  readonly x: number;
  readonly width: number;
  readonly y: number;
  readonly height: number;
  readonly failed: boolean;
  readonly tip: string;
}

export interface LatencyChart {
  readonly bars: readonly Bar[];
  /** Milliseconds at the upper end. */
  readonly top: number;
  /** What the chart shows, in words. */
  readonly summary: string;
}

const SLOT = 100 / REMEMBERED;
const SHORTEST = 1.5;

/** The response times of exchanges as a chart: a bar each, the latest at the right end. */
export function latencyChart(exchanges: readonly Exchange[]): LatencyChart {
  const top = roundUp(Math.max(...exchanges.map((exchange) => exchange.milliseconds), 1));
  const bars = exchanges.map((exchange, place) => {
    const height = Math.max((exchange.milliseconds / top) * 100, SHORTEST);
    const x = (REMEMBERED - exchanges.length + place) * SLOT;
    const failed = exchange.failure !== undefined;
    const tip = `${milliseconds(exchange.milliseconds)}${failed ? ', failed' : ''}`;
    return { x: x + SLOT * 0.1, width: SLOT * 0.8, y: 100 - height, height, failed, tip };
  });
  return { bars, top, summary: summary(exchanges) };
}

function summary(exchanges: readonly Exchange[]): string {
  const failed = exchanges.filter(({ failure }) => failure).length;
  const times = exchanges.map((exchange) => exchange.milliseconds).sort((one, other) => one - other);
  if (times.length === 0) return 'Nothing was asked yet.';
  const middle = times[Math.floor((times.length - 1) / 2)];
  const spread = [times[0], middle, times[times.length - 1]].map(milliseconds);
  return (
    `Response times of the last ${counted(times.length, 'request')}: fastest ${spread[0]}, median ${spread[1]}, ` +
    `slowest ${spread[2]}; ${failed === 0 ? 'none' : failed} failed.`
  );
}

/** The next of 1, 2, 5, 10, 20, 50 … */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value)!;
}
