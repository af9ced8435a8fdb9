import { shortNames, shortOperation } from '../shared/names';
import { tones } from '../shared/tones';
import { duration } from '../shared/units';
import { Span } from './span';
import { Branch, treeOf } from './trace-tree';

/** Where a duration stands: at the right of its bar, at its left, or upon its right end. */
export type Place = 'after' | 'before' | 'upon';

/** A line of the timeline; places and sizes in per cent of the time axis. */
export interface Row {
  readonly span: Span;
  readonly depth: number;
  readonly service: string;
  readonly operation: string;
  readonly tone: string;
  readonly left: number;
  readonly width: number;
  /** Where the duration is written: where there is room, the right first. */
  readonly place: Place;
  /** Microseconds after the start of the trace. */
  readonly offset: number;
  /** What is odd about it, in words. */
  readonly notes: readonly string[];
}

export interface Tick {
  readonly left: number;
  readonly label: string;
}

export interface Timeline {
  readonly title: string;
  readonly start: Date;
  /** Microseconds from the earliest start to the latest end. */
  readonly duration: number;
  readonly rows: readonly Row[];
  readonly ticks: readonly Tick[];
  readonly services: readonly string[];
  readonly depth: number;
  readonly errors: number;
}

/** Per cent of the axis that a duration needs beside its bar. */
const LABEL = 18;
/** Steps of the axis. */
const STEPS = 4;
/** Microseconds that two clocks may differ by unnoticed, which is what spans are rounded to. */
const ROUNDING = 1;

/** The spans of a trace, of which there is at least one, as lines with bars from their starts to their ends. */
export function timelineOf(spans: readonly Span[]): Timeline {
  const branches = treeOf(spans);
  const start = Math.min(...spans.map((span) => span.start));
  const end = Math.max(...spans.map((span) => span.start + span.duration));
  const whole = Math.max(end - start, 1);
  const services = [...new Set(branches.map(({ span }) => span.service))];
  const names = shortNames(services);
  const colours = tones(services);
  const rows = branches.map((branch): Row => {
    const { span, depth } = branch;
    const offset = span.start - start;
    const left = (offset / whole) * 100;
    const width = (span.duration / whole) * 100;
    return {
      span,
      depth,
      service: names.get(span.service)!,
      operation: shortOperation(span.operation),
      tone: colours.get(span.service)!,
      left,
      width,
      place: placeBeside(left, left + width),
      offset,
      notes: notesOn(branch),
    };
  });
  return {
    title: `${rows[0].service}: ${rows[0].operation}`,
    start: new Date(start / 1000),
    duration: end - start,
    rows,
    ticks: Array.from({ length: STEPS + 1 }, (_, step) => ({
      left: (100 / STEPS) * step,
      label: duration((whole / STEPS) * step),
    })),
    services: services.map((service) => names.get(service)!),
    depth: 1 + Math.max(...branches.map(({ depth }) => depth)),
    errors: spans.filter((span) => span.failed).length,
  };
}

function placeBeside(left: number, right: number): Place {
  if (right <= 100 - LABEL) return 'after';
  return left >= LABEL ? 'before' : 'upon';
}

function notesOn({ span, parent, orphan }: Branch): string[] {
  const notes = [...span.warnings];
  if (orphan) notes.push(`Its parent ${span.parentId} is not in this trace.`);
  const early = parent ? parent.start - span.start : 0;
  if (early > ROUNDING) notes.push(`Starts ${duration(early)} before its parent: the clocks of their hosts differ.`);
  return notes;
}
