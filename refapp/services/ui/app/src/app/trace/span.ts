/** One step of a request, as one component saw it; times in microseconds since 1970, durations in microseconds. */
export interface Span {
  /** Tells the span from all others of its trace; unlike `id`, which both sides of a call may share. */
  readonly key: string;
  readonly id: string;
  /** Empty for the first of a trace. */
  readonly parentId: string;
  readonly service: string;
  readonly operation: string;
  /** client, server, producer, consumer or empty. */
  readonly kind: string;
  readonly start: number;
  readonly duration: number;
  readonly failed: boolean;
  readonly tags: readonly Tag[];
  /** Of the process that recorded it. */
  readonly process: readonly Tag[];
  readonly events: readonly SpanEvent[];
  readonly warnings: readonly string[];
}

export interface Tag {
  readonly key: string;
  readonly value: string;
}

export interface SpanEvent {
  readonly time: number;
  readonly fields: readonly Tag[];
}
