import { idHeaders, logIds, newIds } from './ids';

describe('newIds', () => {
  it('makes ids of the forms that the platform takes', () => {
    for (let turn = 0; turn < 50; turn++) {
      const ids = newIds();
      expect(ids.traceId).toMatch(/^[0-9a-f]{32}$/);
      expect(ids.spanId).toMatch(/^[0-9a-f]{16}$/);
      expect(ids.requestId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
  });

  it('makes other ones each time', () => {
    expect(new Set(Array.from({ length: 50 }, () => newIds().traceId)).size).toBe(50);
  });
});

it('leaves to the edge whether a trace is sampled', () => {
  const ids = { traceId: 't', spanId: 's', requestId: 'r' };
  expect(idHeaders(ids)).toEqual({ 'x-b3-traceid': 't', 'x-b3-spanid': 's', 'x-request-id': 'r' });
});

it('names the ids in logs as the services do', () => {
  expect(logIds({ traceId: 't', spanId: 's', requestId: 'r' })).toEqual({ trace_id: 't', request_id: 'r' });
});
