import { readGraph } from './graph';

const EDGE = { source: 'a', destination: 'b', protocol: 'grpc', rate: 4, errors: 1, p95: 12.5, mtls: true };

describe('readGraph', () => {
  it('reads nodes and edges', () => {
    const graph = readGraph({
      nodes: [
        { id: 'a', kind: 'workload' },
        { id: 'b', kind: 'service' },
      ],
      edges: [EDGE],
    });
    expect(graph.nodes).toEqual([
      { id: 'a', kind: 'workload' },
      { id: 'b', kind: 'service' },
    ]);
    expect(graph.edges).toEqual([
      { source: 'a', destination: 'b', protocol: 'grpc', rate: 4, failed: 0.25, p95: 12.5, mtls: true },
    ]);
  });

  it('has a node at each end of an edge', () => {
    expect(readGraph({ nodes: [], edges: [EDGE] }).nodes.map(({ id }) => id)).toEqual(['a', 'b']);
  });

  it('takes null for what nobody tells', () => {
    expect(readGraph({ nodes: [], edges: [{ ...EDGE, p95: null, mtls: null }] }).edges[0]).toMatchObject({
      p95: undefined,
      mtls: undefined,
    });
  });

  it('has no errors where there is no traffic', () => {
    expect(readGraph({ nodes: [], edges: [{ ...EDGE, rate: 0, errors: 0 }] }).edges[0].failed).toBe(0);
  });

  it.each([null, {}, { nodes: [] }, { nodes: {}, edges: [] }])('refuses %j', (answer) => {
    expect(() => readGraph(answer)).toThrow(TypeError);
  });
});
