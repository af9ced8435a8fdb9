import { byteRate, milliseconds, percent, rate } from '../shared/units';
import { Edge } from './graph';

/** What is written about an edge. */
export interface EdgeLabel {
  readonly rate: string;
  /** Empty for tcp, which has none. */
  readonly errors: string;
  /** Empty where nothing was measured. */
  readonly p95: string;
  /** Empty where nobody tells. */
  readonly mtls: string;
}

export function labelOf(edge: Edge): EdgeLabel {
  const tcp = edge.protocol === 'tcp';
  return {
    rate: tcp ? byteRate(edge.rate) : rate(edge.rate),
    errors: tcp ? '' : percent(edge.failed),
    p95: edge.p95 === undefined ? '' : milliseconds(edge.p95),
    mtls: edge.mtls === undefined ? '' : edge.mtls ? 'yes' : 'no',
  };
}
