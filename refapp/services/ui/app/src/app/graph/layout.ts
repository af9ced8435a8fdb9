import { groupBy } from '../shared/grouping';
import { Edge, Graph, Node } from './graph';
import { Arc, layersOf } from './layers';
import { average, orderLayers } from './ordering';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A node and the middle of its box. */
export interface PlacedNode extends Point {
  readonly node: Node;
}

/** An edge, the path that it takes, and where its label is. */
export interface PlacedEdge {
  readonly edge: Edge;
  readonly path: string;
  readonly label: Point;
}

/** A graph with its nodes in layers, from top to bottom; sizes in pixels. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
}

export const NODE = { width: 156, height: 36 } as const;

const COLUMN = 178;
const LANE = 100; // what an edge that passes a layer takes of it
const ROW = 124;
const MARGIN = 14;
const SPREAD = 34; // between edges that join the same two nodes
const ROUNDS = 100; // of settling, more than long edges take to be straight

/** A node of the graph, or the place where a long edge passes a layer. */
interface Stop {
  readonly name: string;
  readonly passing: boolean;
}

/** Places the nodes and edges of a graph. */
export function layoutOf(graph: Graph): Layout {
  const names = graph.nodes.map((node) => node.id);
  const layers = layersOf(
    names,
    graph.edges.map(({ source, destination }): Arc => [source, destination]),
  );
  const routes = new Map(graph.edges.map((edge) => [edge, routeOf(edge, layers)]));
  const arcs = [...routes].flatMap(([edge, route]) => {
    const up = layers.get(edge.source)! > layers.get(edge.destination)!;
    return arcsOf(up ? [...route].reverse() : route);
  });
  const stops = stopsIn(names, layers, routes);
  const ordered = orderLayers(
    stops.map((layer) => layer.map(({ name }) => name)),
    arcs,
  );
  const passing = new Set(
    stops
      .flat()
      .filter((stop) => stop.passing)
      .map(({ name }) => name),
  );
  const columns = columnsOf(ordered, arcs, passing);
  const row = new Map(ordered.flatMap((layer, number) => layer.map((name) => [name, number] as const)));
  const at = (name: string): Point => ({ x: columns.get(name)!, y: MARGIN + NODE.height / 2 + row.get(name)! * ROW });

  const siblings = groupBy(graph.edges, ({ source, destination }) => [source, destination].sort().join('\n'));
  const edges = graph.edges.map((edge): PlacedEdge => {
    const group = siblings.get([edge.source, edge.destination].sort().join('\n'))!;
    const shift = (group.indexOf(edge) - (group.length - 1) / 2) * SPREAD;
    return { edge, ...drawn(routes.get(edge)!.map(at), shift) };
  });
  return {
    width: Math.max(...columns.values(), 0) + NODE.width / 2 + MARGIN,
    height: Math.max(ordered.length - 1, 0) * ROW + NODE.height + 2 * MARGIN,
    nodes: graph.nodes.map((node) => ({ node, ...at(node.id) })),
    edges,
  };
}

/** The names of what an edge touches on its way, one for each layer. */
function routeOf({ source, destination, protocol }: Edge, layers: Map<string, number>): string[] {
  const [from, to] = [layers.get(source)!, layers.get(destination)!];
  const step = Math.sign(to - from);
  const between = Array.from({ length: Math.max(Math.abs(to - from) - 1, 0) }, (_, place) =>
    ['', source, destination, protocol, from + step * (place + 1)].join('\n'),
  );
  return [source, ...between, destination];
}

/** The steps of a route that leads down; an edge from a node to itself has none. */
function arcsOf(route: readonly string[]): Arc[] {
  if (route[0] === route[1]) return [];
  return route.slice(1).map((name, place) => [route[place], name]);
}

function stopsIn(names: readonly string[], layers: Map<string, number>, routes: Map<Edge, string[]>): Stop[][] {
  const count = Math.max(...layers.values(), -1) + 1;
  const stops: Stop[][] = Array.from({ length: count }, () => []);
  for (const name of names) stops[layers.get(name)!].push({ name, passing: false });
  for (const [{ source, destination }, route] of routes) {
    const [from, to] = [layers.get(source)!, layers.get(destination)!];
    route
      .slice(1, -1)
      .forEach((name, place) => stops[from + Math.sign(to - from) * (place + 1)].push({ name, passing: true }));
  }
  return stops;
}

/** The middle of each stop: as near to its neighbours as the stops beside it let it be. */
function columnsOf(
  layers: readonly (readonly string[])[],
  arcs: readonly Arc[],
  passing: Set<string>,
): Map<string, number> {
  const room = (name: string): number => (passing.has(name) ? LANE : COLUMN);
  const neighbours = groupBy(
    arcs.flatMap(([source, target]) => [[source, target] as const, [target, source] as const]),
    ([name]) => name,
  );
  const columns = new Map<string, number>();
  for (const layer of layers) layer.forEach((name, place) => columns.set(name, place * COLUMN));
  for (let round = 0; round < ROUNDS; round++) {
    for (const layer of round % 2 ? [...layers].reverse() : layers) {
      const wanted = layer.map((name) => {
        const places = (neighbours.get(name) ?? []).map(([, other]) => columns.get(other)!);
        return places.length ? average(places) : columns.get(name)!;
      });
      spaced(layer.map(room), wanted).forEach((x, place) => columns.set(layer[place], x));
    }
  }
  const left = Math.min(...columns.values());
  return new Map([...columns].map(([name, x]) => [name, x - left + NODE.width / 2 + MARGIN]));
}

/** Places in the given order, none nearer to the next than their rooms allow, as near as can be to the wanted ones. */
function spaced(rooms: readonly number[], wanted: readonly number[]): number[] {
  // Blocks of neighbours that touch; a block stands where its members want it on average.
  const blocks: { places: number[]; offsets: number[]; at: number }[] = [];
  rooms.forEach((_, place) => {
    blocks.push({ places: [place], offsets: [0], at: wanted[place] });
    while (blocks.length > 1) {
      const [upper, last] = blocks.slice(-2);
      const end = upper.places.at(-1)!;
      const gap = (rooms[end] + rooms[last.places[0]]) / 2;
      const offset = upper.offsets.at(-1)! + gap;
      if (upper.at + offset <= last.at) break;
      const places = [...upper.places, ...last.places];
      const offsets = [...upper.offsets, ...last.offsets.map((own) => own + offset)];
      const at = average(places.map((member, number) => wanted[member] - offsets[number]));
      blocks.splice(-2, 2, { places, offsets, at });
    }
  });
  return blocks.flatMap(({ offsets, at }) => offsets.map((offset) => at + offset));
}

/** A curve through the stops, from the border of the first box to that of the last, and the middle of it. */
function drawn(stops: readonly Point[], shift: number): { path: string; label: Point } {
  const [first, last] = [stops[0], stops[stops.length - 1]];
  if (first.x === last.x && first.y === last.y) return loop(first);
  const down = Math.sign(last.y - first.y) || 1;
  const points = [
    { x: first.x + shift / 2, y: first.y + (down * NODE.height) / 2 },
    ...stops.slice(1, -1).map(({ x, y }) => ({ x: x + shift, y })),
    { x: last.x + shift / 2, y: last.y - (down * NODE.height) / 2 },
  ];
  const curves = points.slice(1).map((end, place) => {
    const start = points[place];
    const bend = (end.y - start.y) / 2;
    return `C ${start.x} ${start.y + bend} ${end.x} ${end.y - bend} ${end.x} ${end.y}`;
  });
  const middle = Math.floor((points.length - 1) / 2);
  const [before, after] = [points[middle], points[middle + 1]];
  return {
    path: [`M ${points[0].x} ${points[0].y}`, ...curves].join(' '),
    label: { x: (before.x + after.x) / 2 + shift / 2, y: (before.y + after.y) / 2 },
  };
}

/** From the right side of a box back to it. */
function loop({ x, y }: Point): { path: string; label: Point } {
  const side = x + NODE.width / 2;
  return {
    path: `M ${side} ${y - 8} C ${side + 34} ${y - 22} ${side + 34} ${y + 22} ${side} ${y + 8}`,
    label: { x: side + 12, y: y + 26 },
  };
}
