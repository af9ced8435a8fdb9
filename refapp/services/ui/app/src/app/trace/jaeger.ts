import { isRecord, number, records, text, texts } from '../shared/json';
import { Span, SpanEvent, Tag } from './span';

const SERVER_ERRORS = 500;
const OK = ['', '0', 'OK'];

/**
 * The spans in an answer of Jaeger's `/api/traces/ID`; none where it knows no such trace.
 *
 * Throws a TypeError when it is no such answer. Source: Jaeger, `model/json/model.go`; an empty list may be null there.
 */
export function readSpans(answer: unknown): Span[] {
  if (!isRecord(answer) || !('data' in answer)) throw new TypeError('the answer has no traces');
  return records(answer['data'], isRecord).flatMap((trace) => {
    const processes = isRecord(trace['processes']) ? trace['processes'] : {};
    return records(trace['spans'], isRecord).map((span, place) => readSpan(span, place, processes));
  });
}

function readSpan(span: Record<string, unknown>, place: number, processes: Record<string, unknown>): Span {
  const recorded = processes[text(span['processID'])];
  const process = isRecord(recorded) ? recorded : {};
  const tags = readTags(span['tags']);
  const id = text(span['spanID']);
  const kind = valueOf(tags, 'span.kind');
  return {
    key: `${id} ${kind} ${place}`,
    id,
    parentId: parentOf(span),
    service: text(process['serviceName']) || 'unknown',
    operation: text(span['operationName']),
    kind,
    start: number(span['startTime']) ?? 0,
    duration: Math.max(number(span['duration']) ?? 0, 0),
    failed: hasFailed(tags),
    tags,
    process: readTags(process['tags']),
    events: records(span['logs'], isRecord).map(readEvent),
    warnings: texts(span['warnings']),
  };
}

// A span may also follow from others without being their child; then one of its own trace stands in for a parent.
function parentOf(span: Record<string, unknown>): string {
  const own = records(span['references'], isRecord).filter((reference) => reference['traceID'] === span['traceID']);
  return text((own.find((reference) => reference['refType'] === 'CHILD_OF') ?? own[0])?.['spanID']);
}

function readEvent(event: Record<string, unknown>): SpanEvent {
  return { time: number(event['timestamp']) ?? 0, fields: readTags(event['fields']) };
}

function readTags(tags: unknown): Tag[] {
  return records(tags, isRecord).map(({ key, value }) => ({
    key: text(key),
    value: typeof value === 'string' ? value : JSON.stringify(value),
  }));
}

function valueOf(tags: readonly Tag[], key: string): string {
  return tags.find((tag) => tag.key === key)?.value ?? '';
}

/** By the tag `error`, an HTTP status of 500 and above, or a gRPC status other than OK. */
function hasFailed(tags: readonly Tag[]): boolean {
  return (
    !['', 'false'].includes(valueOf(tags, 'error').toLowerCase()) ||
    Number(valueOf(tags, 'http.status_code')) >= SERVER_ERRORS ||
    !OK.includes(valueOf(tags, 'grpc.status_code'))
  );
}
