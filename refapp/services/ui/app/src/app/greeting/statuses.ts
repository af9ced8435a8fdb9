/** A gRPC status, what it means to a reader, and what the reader may do about it. */
export interface Status {
  readonly code: number;
  readonly name: string;
  readonly meaning: string;
  readonly advice: string;
}

const AGAIN = 'Ask again in a moment.';
const TRACE = 'Follow the trace to the service that failed.';
const REQUEST = 'Asking again will not help: the request itself has to be another one.';

const TABLE: readonly (readonly [name: string, meaning: string, advice: string])[] = [
  ['OK', 'The call succeeded.', ''],
  ['CANCELLED', 'The call was given up before it had an answer.', AGAIN],
  ['UNKNOWN', 'A service failed and did not say why.', `${TRACE} Its log tells more.`],
  ['INVALID_ARGUMENT', 'A service did not understand the request.', REQUEST],
  ['DEADLINE_EXCEEDED', 'The answer did not come in time.', `${TRACE} The longest bar shows who was slow.`],
  ['NOT_FOUND', 'There is no such thing at this address.', 'Check the address of the API in the settings.'],
  ['ALREADY_EXISTS', 'What was to be made is there already.', REQUEST],
  ['PERMISSION_DENIED', 'The mesh does not allow this call.', 'Look at the authorization policies of the service.'],
  ['RESOURCE_EXHAUSTED', 'The platform takes no more requests just now.', 'Wait a little, or repeat more slowly.'],
  ['FAILED_PRECONDITION', 'A service is not in a state to answer this.', TRACE],
  ['ABORTED', 'The call was broken off, by a fault that was injected or by a conflict.', AGAIN],
  ['OUT_OF_RANGE', 'The request asks for more than there is.', REQUEST],
  ['UNIMPLEMENTED', 'The service does not know this call.', 'Check the address and the version of the API.'],
  ['INTERNAL', 'A service broke its own rules.', `${TRACE} Its log tells more.`],
  ['UNAVAILABLE', 'A service cannot be reached.', `${AGAIN} If it lasts, the graph shows which service is away.`],
  ['DATA_LOSS', 'Data was lost or is damaged.', TRACE],
  ['UNAUTHENTICATED', 'The caller did not prove who it is.', 'Check the certificates of the mesh.'],
];

/** The statuses by their numbers. Source: google/rpc/code.proto. */
export const STATUSES: readonly Status[] = TABLE.map(([name, meaning, advice], code) => ({
  code,
  name,
  meaning,
  advice,
}));

const OF_HTTP = new Map([
  [400, 13],
  [401, 16],
  [403, 7],
  [404, 12],
  [429, 14],
  [502, 14],
  [503, 14],
  [504, 14],
]);

/**
 * The status for an HTTP status that came without one, such as Envoy's own answers.
 *
 * Source: gRPC, "HTTP to gRPC Status Code Mapping".
 */
export function statusOfHttp(http: number): Status {
  return STATUSES[OF_HTTP.get(http) ?? 2];
}
