import { isRecord, text } from '../shared/json';

/** What one service said, where and when. */
export interface Greeting {
  readonly id: string;
  /** The title of the service. */
  readonly service: string;
  readonly message: string;
  /** RFC 3339. */
  readonly created: string;
  readonly hostname: string;
}

/**
 * The greetings of an answer of `/api/greeting`, in its order.
 *
 * Throws a TypeError when it is none. A field that is not there is empty: so protobuf's JSON leaves out empty texts.
 */
export function readGreetings(answer: unknown): Greeting[] {
  const items = isRecord(answer) ? (answer['greeting'] ?? []) : undefined;
  if (!Array.isArray(items) || !items.every(isRecord)) throw new TypeError('the answer has no list of greetings');
  return items.map((item) => ({
    id: text(item['id']),
    service: text(item['service']),
    message: text(item['message']),
    created: text(item['created']),
    hostname: text(item['hostname']),
  }));
}
