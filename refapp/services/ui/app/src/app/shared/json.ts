/** What came as JSON, as what it should be: everything from the network is checked here before it gets a type. */

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function texts(value: unknown): string[] {
  return records(value, (item): item is string => typeof item === 'string');
}

/** The number, or undefined where there is none (JSON has null for what cannot be told). */
export function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** The items of a list that are of the kind; null stands for an empty list, as in Go's JSON. */
export function records<T>(value: unknown, kind: (item: unknown) => item is T): T[] {
  return Array.isArray(value) ? value.filter(kind) : [];
}
