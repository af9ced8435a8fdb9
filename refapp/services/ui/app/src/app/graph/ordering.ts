import { groupBy } from '../shared/grouping';
import { Arc } from './layers';

/** Passes down and up; more change nothing in graphs of this size. */
const PASSES = 8;

/**
 * The names of each layer in an order in which few arcs cross.
 *
 * Every arc leads from a layer to the next. Each name moves to the mean place of its neighbours, layer by layer, down
 * and up again. Source: Sugiyama, Tagawa, Toda, "Methods for Visual Understanding of Hierarchical System Structures",
 * 1981.
 */
export function orderLayers(layers: readonly (readonly string[])[], arcs: readonly Arc[]): string[][] {
  const above = groupBy(arcs, ([, target]) => target);
  const below = groupBy(arcs, ([source]) => source);
  let best = layers.map((layer) => [...layer]);
  let fewest = crossings(best, arcs);
  const current = best.map((layer) => [...layer]);
  for (let pass = 0; pass < PASSES && fewest > 0; pass++) {
    const down = pass % 2 === 0;
    const rest = down ? current.slice(1) : current.slice(0, -1).reverse();
    const place = placesIn(current);
    for (const layer of rest) {
      const mean = new Map(
        layer.map((name) => {
          const places = down
            ? (above.get(name) ?? []).map(([source]) => place.get(source)!)
            : (below.get(name) ?? []).map(([, target]) => place.get(target)!);
          return [name, places.length ? average(places) : place.get(name)!];
        }),
      );
      layer.sort((one, other) => mean.get(one)! - mean.get(other)!);
      layer.forEach((name, at) => place.set(name, at));
    }
    const crossed = crossings(current, arcs);
    if (crossed < fewest) {
      fewest = crossed;
      best = current.map((layer) => [...layer]);
    }
  }
  return best;
}

/** How many pairs of arcs cross. */
export function crossings(layers: readonly (readonly string[])[], arcs: readonly Arc[]): number {
  const place = placesIn(layers);
  const layer = new Map(layers.flatMap((names, number) => names.map((name) => [name, number] as const)));
  let count = 0;
  for (const [number, [source, target]] of arcs.entries()) {
    for (const [otherSource, otherTarget] of arcs.slice(number + 1)) {
      if (layer.get(source) !== layer.get(otherSource)) continue;
      const starts = place.get(source)! - place.get(otherSource)!;
      const ends = place.get(target)! - place.get(otherTarget)!;
      if (starts * ends < 0) count++;
    }
  }
  return count;
}

function placesIn(layers: readonly (readonly string[])[]): Map<string, number> {
  return new Map(layers.flatMap((names) => names.map((name, place) => [name, place] as const)));
}

export function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
