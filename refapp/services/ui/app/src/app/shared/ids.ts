/** Ids that a request brings along: they tell its spans and its log entries from those of all others. */
export interface RequestIds {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string;
  /** A UUID, version 4. */
  readonly requestId: string;
}

export function newIds(): RequestIds {
  return { traceId: hex(16), spanId: hex(8), requestId: uuid() };
}

/** B3 headers: whether the trace is sampled is left to the edge of the mesh. */
export function idHeaders(ids: RequestIds): Record<string, string> {
  return { 'x-b3-traceid': ids.traceId, 'x-b3-spanid': ids.spanId, 'x-request-id': ids.requestId };
}

/** The ids under the names that they have in the logs of the services. */
export function logIds(ids: RequestIds): Record<string, string> {
  return { trace_id: ids.traceId, request_id: ids.requestId };
}

function hex(bytes: number): string {
  return Array.from(random(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

// crypto.randomUUID exists in secure contexts only, and the platform is served over plain HTTP.
function uuid(): string {
  const digits = hex(16).split('');
  digits[12] = '4';
  digits[16] = '89ab'[Number.parseInt(digits[16], 16) % 4];
  return digits.join('').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function random(bytes: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(bytes));
}
