import { groupBy } from '../shared/grouping';

/** From a node to a node, by their names. */
export type Arc = readonly [source: string, target: string];

/**
 * The layer of each node: one more than the last of those that lead to it.
 *
 * An arc that closes a cycle is left out of account; a cycle begins with whichever of its nodes is reached first, or is
 * named first.
 */
export function layersOf(names: readonly string[], arcs: readonly Arc[]): Map<string, number> {
  const after = successors(names, arcs);
  const { order, closing } = depthFirst(names, after);
  const layers = new Map(names.map((name) => [name, 0]));
  for (const source of order) {
    for (const target of after.get(source)!) {
      if (closing.has(key(source, target))) continue;
      layers.set(target, Math.max(layers.get(target)!, layers.get(source)! + 1));
    }
  }
  return layers;
}

function successors(names: readonly string[], arcs: readonly Arc[]): Map<string, string[]> {
  const known = new Set(names);
  const groups = groupBy(
    arcs.filter(([source, target]) => source !== target && known.has(source) && known.has(target)),
    ([source]) => source,
  );
  return new Map(names.map((name) => [name, [...new Set((groups.get(name) ?? []).map(([, target]) => target))]]));
}

/** The nodes, each before those that it leads to, and the arcs that close a cycle. */
function depthFirst(names: readonly string[], after: Map<string, string[]>): { order: string[]; closing: Set<string> } {
  const led = new Set([...after.values()].flat());
  const order: string[] = [];
  const closing = new Set<string>();
  const done = new Set<string>();
  const path = new Set<string>();

  const visit = (name: string): void => {
    path.add(name);
    for (const target of after.get(name)!) {
      if (path.has(target)) closing.add(key(name, target));
      else if (!done.has(target)) visit(target);
    }
    path.delete(name);
    done.add(name);
    order.unshift(name);
  };

  for (const name of [...names.filter((name) => !led.has(name)), ...names]) if (!done.has(name)) visit(name);
  return { order, closing };
}

function key(source: string, target: string): string {
  return JSON.stringify([source, target]);
}
