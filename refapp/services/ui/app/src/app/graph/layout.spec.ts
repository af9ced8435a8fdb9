import { Edge, Graph } from './graph';
import { layoutOf, NODE } from './layout';

function edge(source: string, destination: string, more: Partial<Edge> = {}): Edge {
  return { source, destination, protocol: 'grpc', rate: 1, failed: 0, p95: 5, mtls: true, ...more };
}

function graph(...edges: Edge[]): Graph {
  const ids = [...new Set(edges.flatMap(({ source, destination }) => [source, destination]))];
  return { nodes: ids.map((id) => ({ id, kind: 'workload' })), edges };
}

const REFERENCE = graph(
  edge('ingress', 'gateway'),
  edge('ingress', 'ui'),
  edge('gateway', 'a'),
  edge('a', 'b'),
  edge('a', 'c'),
  edge('b', 'd'),
  edge('b', 'e'),
  edge('e', 'g'),
  edge('e', 'h'),
  edge('c', 'mongodb', { protocol: 'tcp' }),
  edge('g', 'mongodb', { protocol: 'tcp' }),
  edge('h', 'mongodb', { protocol: 'tcp' }),
  edge('d', 'rabbitmq', { protocol: 'tcp' }),
  edge('f', 'rabbitmq', { protocol: 'tcp' }),
);

describe('layoutOf', () => {
  it('places callers above those that they call, each by itself', () => {
    const { nodes, width, height } = layoutOf(REFERENCE);
    const at = new Map(nodes.map((node) => [node.node.id, node]));
    for (const { source, destination } of REFERENCE.edges)
      expect(at.get(source)!.y).toBeLessThan(at.get(destination)!.y);
    for (const [place, one] of nodes.entries()) {
      expect(one.x - NODE.width / 2).toBeGreaterThanOrEqual(0);
      expect(one.x + NODE.width / 2).toBeLessThanOrEqual(width);
      expect(one.y + NODE.height / 2).toBeLessThanOrEqual(height);
      for (const other of nodes.slice(place + 1)) {
        expect(Math.abs(one.y - other.y) >= NODE.height || Math.abs(one.x - other.x) >= NODE.width).toBe(true);
      }
    }
  });

  it('leads edges from border to border, and long ones around nodes', () => {
    const { nodes, edges } = layoutOf(REFERENCE);
    const at = new Map(nodes.map((node) => [node.node.id, node]));
    for (const { edge: drawn, path } of edges) {
      const numbers = path.match(/-?[\d.]+/g)!.map(Number);
      const [from, to] = [at.get(drawn.source)!, at.get(drawn.destination)!];
      expect(numbers[1]).toBe(from.y + NODE.height / 2);
      expect(numbers.at(-1)).toBe(to.y - NODE.height / 2);
      const between = [];
      for (let place = 6; place < numbers.length - 2; place += 6) between.push([numbers[place], numbers[place + 1]]);
      for (const [x, y] of between) {
        expect(
          nodes.some((node) => Math.abs(node.x - x) < NODE.width / 2 && Math.abs(node.y - y) < NODE.height / 2),
        ).toBe(false);
      }
    }
  });

  it('keeps two edges between the same nodes apart', () => {
    const { edges } = layoutOf(graph(edge('a', 'b'), edge('a', 'b', { protocol: 'http' })));
    expect(edges[0].path).not.toBe(edges[1].path);
    expect(Math.abs(edges[0].label.x - edges[1].label.x)).toBeGreaterThan(10);
  });

  it('draws calls back up, and to oneself', () => {
    const { edges } = layoutOf(graph(edge('a', 'b'), edge('b', 'c'), edge('c', 'a'), edge('c', 'c')));
    for (const { path } of edges) expect(path).not.toContain('NaN');
    const back = edges[2].path.match(/-?[\d.]+/g)!.map(Number);
    expect(back[1]).toBeGreaterThan(back.at(-1)!);
  });

  it('has room for nothing', () => {
    const { width, height, nodes } = layoutOf({ nodes: [], edges: [] });
    expect(nodes).toEqual([]);
    expect(Number.isFinite(width) && Number.isFinite(height)).toBe(true);
  });
});
