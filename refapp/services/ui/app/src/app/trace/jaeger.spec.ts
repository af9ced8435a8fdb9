import { JAEGER_ANSWER } from '../../testing/trace';
import { readSpans } from './jaeger';

describe('readSpans', () => {
  it('reads spans with their processes, tags and logs', () => {
    const [client, server] = readSpans(JAEGER_ANSWER);
    expect(client).toMatchObject({
      id: 'a1',
      parentId: '',
      service: 'service-a.dev',
      kind: 'client',
      start: 1_700_000_000_000_000,
      duration: 2_000,
      failed: false,
      process: [{ key: 'ip', value: '127.0.0.1' }],
      events: [],
      warnings: [],
    });
    expect(server).toMatchObject({
      id: 'b2',
      parentId: 'a1',
      service: 'service-b.dev',
      failed: true,
      events: [{ time: 1_700_000_000_000_700, fields: [{ key: 'event', value: 'gave up' }] }],
      warnings: ['clock skew adjusted'],
    });
    expect(server.tags).toContainEqual({ key: 'http.status_code', value: '503' });
  });

  it.each([
    [[{ key: 'error', value: true }], true],
    [[{ key: 'error', value: 'true' }], true],
    [[{ key: 'error', value: 'no route' }], true],
    [[{ key: 'error', value: false }], false],
    [[{ key: 'http.status_code', value: 500 }], true],
    [[{ key: 'http.status_code', value: '404' }], false],
    [[{ key: 'grpc.status_code', value: '14' }], true],
    [[{ key: 'grpc.status_code', value: 0 }], false],
    [[{ key: 'grpc.status_code', value: 'OK' }], false],
    [null, false],
  ])('tells from %j whether a span failed', (tags, failed) => {
    expect(readSpans({ data: [{ spans: [{ spanID: 'a', tags }] }] })[0].failed).toBe(failed);
  });

  it('takes a span that it follows from for the parent, when it is of the same trace', () => {
    const parentOf = (references: unknown) =>
      readSpans({ data: [{ spans: [{ traceID: 't', spanID: 'a', references }] }] })[0].parentId;
    const reference = (refType: string, traceID: string, spanID: string) => ({ refType, traceID, spanID });
    expect(parentOf([reference('FOLLOWS_FROM', 't', 'x'), reference('CHILD_OF', 't', 'y')])).toBe('y');
    expect(parentOf([reference('FOLLOWS_FROM', 't', 'x')])).toBe('x');
    expect(parentOf([reference('FOLLOWS_FROM', 'other', 'x')])).toBe('');
    expect(parentOf(null)).toBe('');
  });

  it('tells both sides of a shared span apart', () => {
    const spans = readSpans({ data: [{ spans: [{ spanID: 'a' }, { spanID: 'a' }] }] });
    expect(new Set(spans.map(({ key }) => key)).size).toBe(2);
  });

  it.each([{ data: null }, { data: [] }, { data: [{ spans: null }] }])('finds none in %j', (answer) => {
    expect(readSpans(answer)).toEqual([]);
  });

  it.each([null, [], 'x', {}])('refuses %j', (answer) => expect(() => readSpans(answer)).toThrow(TypeError));
});
