import { groupBy } from '../shared/grouping';
import { Span } from './span';

/** A span with what hangs on it. */
export interface Branch {
  readonly span: Span;
  readonly depth: number;
  readonly parent: Span | undefined;
  /** Whether the span names a parent that is not in the trace. */
  readonly orphan: boolean;
}

/**
 * Every span with its depth, depth first: the lines of a timeline. Roots have the depth 0.
 *
 * Children are in the order of their starts. Both sides of a call may have one id, as with Zipkin's shared spans; the
 * called side is then a child of the calling one. Where parents form a cycle, the first span of it is taken for a root.
 */
export function treeOf(spans: readonly Span[]): Branch[] {
  const ordered = [...spans].sort((one, other) => one.start - other.start || compare(one.key, other.key));
  const parents = parentsOf(ordered);
  breakCycles(ordered, parents);
  const children = groupBy(ordered, (span) => parents.get(span));
  const branches: Branch[] = [];
  const waiting = (children.get(undefined) ?? []).map((span) => ({ span, depth: 0 })).reverse();
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { span, depth } = next;
    const parent = parents.get(span);
    branches.push({ span, depth, parent, orphan: !parent && span.parentId !== '' });
    const below = (children.get(span) ?? []).map((child) => ({ span: child, depth: depth + 1 }));
    waiting.push(...below.reverse());
  }
  return branches;
}

function parentsOf(spans: readonly Span[]): Map<Span, Span> {
  const sides = groupBy(
    [...spans].sort((one, other) => Number(isCalled(one)) - Number(isCalled(other))),
    (span) => span.id,
  );
  const parents = new Map<Span, Span>();
  for (const span of spans) {
    const caller = sides.get(span.id)![0];
    const above = span.parentId ? sides.get(span.parentId) : undefined;
    if (caller !== span) {
      parents.set(span, caller);
    } else if (above) {
      // Of the two sides of a shared span, the parent is the one in the same service.
      parents.set(span, above.find((side) => side.service === span.service) ?? above.at(-1)!);
    }
  }
  return parents;
}

function isCalled(span: Span): boolean {
  return span.kind === 'server' || span.kind === 'consumer';
}

function breakCycles(spans: readonly Span[], parents: Map<Span, Span>): void {
  const checked = new Set<Span>();
  for (const start of spans) {
    const path = new Set<Span>();
    let span: Span | undefined = start;
    while (span && !checked.has(span) && !path.has(span)) {
      path.add(span);
      span = parents.get(span);
    }
    if (span && path.has(span)) {
      const cycle = [...path].slice([...path].indexOf(span));
      parents.delete(cycle.reduce((first, other) => (other.start < first.start ? other : first)));
    }
    path.forEach((passed) => checked.add(passed));
  }
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
