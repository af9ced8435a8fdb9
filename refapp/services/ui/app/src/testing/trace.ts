import { Span } from '../app/trace/span';

/** A span of 100 µs that is the root of its trace, unless something else is said. */
export function span(id: string, more: Partial<Span> = {}): Span {
  return {
    key: `${id} ${more.kind ?? ''}`,
    id,
    parentId: '',
    service: 'service-a',
    operation: 'Greeting',
    kind: '',
    start: 1_700_000_000_000_000,
    duration: 100,
    failed: false,
    tags: [],
    process: [],
    events: [],
    warnings: [],
    ...more,
  };
}

/** The answer of Jaeger for a trace of a client's span and a server's below it, which failed. */
export const JAEGER_ANSWER = {
  data: [
    {
      traceID: 'f'.repeat(32),
      spans: [
        {
          traceID: 'f'.repeat(32),
          spanID: 'a1',
          operationName: 'service-b.dev.svc.cluster.local:50051/*',
          references: [],
          startTime: 1_700_000_000_000_000,
          duration: 2_000,
          tags: [{ key: 'span.kind', type: 'string', value: 'client' }],
          logs: null,
          processID: 'p1',
          warnings: null,
        },
        {
          traceID: 'f'.repeat(32),
          spanID: 'b2',
          operationName: 'Greeting',
          references: [{ refType: 'CHILD_OF', traceID: 'f'.repeat(32), spanID: 'a1' }],
          startTime: 1_700_000_000_000_500,
          duration: 1_000,
          tags: [
            { key: 'span.kind', type: 'string', value: 'server' },
            { key: 'error', type: 'bool', value: true },
            { key: 'http.status_code', type: 'int64', value: 503 },
          ],
          logs: [{ timestamp: 1_700_000_000_000_700, fields: [{ key: 'event', type: 'string', value: 'gave up' }] }],
          processID: 'p2',
          warnings: ['clock skew adjusted'],
        },
      ],
      processes: {
        p1: { serviceName: 'service-a.dev', tags: [{ key: 'ip', type: 'string', value: '127.0.0.1' }] },
        p2: { serviceName: 'service-b.dev', tags: null },
      },
    },
  ],
  errors: null,
};
