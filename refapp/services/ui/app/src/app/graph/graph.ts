import { isRecord, number, records, text } from '../shared/json';

/** Traffic from one node to another. */
export interface Edge {
  readonly source: string;
  readonly destination: string;
  readonly protocol: string;
  /** Requests a second; bytes a second for tcp. */
  readonly rate: number;
  /** The part of them that failed: 0 is none, 1 is all. */
  readonly failed: number;
  /** Milliseconds that 95 % of the requests stayed below; undefined for tcp, and where nothing was measured. */
  readonly p95: number | undefined;
  /** Whether all of it is secured by mutual TLS; undefined where nobody tells. */
  readonly mtls: boolean | undefined;
}

export interface Node {
  readonly id: string;
  /** workload, service (outside the mesh) or unknown. */
  readonly kind: string;
}

export interface Graph {
  readonly nodes: readonly Node[];
  readonly edges: readonly Edge[];
}

/** The graph that `/graph.json` describes. Throws a TypeError when it describes none. */
export function readGraph(answer: unknown): Graph {
  if (!isRecord(answer) || !Array.isArray(answer['nodes']) || !Array.isArray(answer['edges'])) {
    throw new TypeError('the answer has no graph');
  }
  const edges = records(answer['edges'], isRecord).map(readEdge);
  const kinds = new Map(records(answer['nodes'], isRecord).map((node) => [text(node['id']), text(node['kind'])]));
  for (const { source, destination } of edges) {
    for (const id of [source, destination]) if (!kinds.has(id)) kinds.set(id, 'unknown');
  }
  return { nodes: [...kinds].map(([id, kind]) => ({ id, kind })), edges };
}

function readEdge(edge: Record<string, unknown>): Edge {
  const rate = number(edge['rate']) ?? 0;
  return {
    source: text(edge['source']),
    destination: text(edge['destination']),
    protocol: text(edge['protocol']),
    rate,
    failed: rate > 0 ? Math.min((number(edge['errors']) ?? 0) / rate, 1) : 0,
    p95: number(edge['p95']),
    mtls: typeof edge['mtls'] === 'boolean' ? edge['mtls'] : undefined,
  };
}
