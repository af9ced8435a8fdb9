import { HttpErrorResponse } from '@angular/common/http';
import { TimeoutError } from 'rxjs';
import { isRecord, number, text } from '../shared/json';
import { Status, STATUSES, statusOfHttp } from './statuses';

/** Why there is no answer, in words. */
export interface Failure {
  readonly meaning: string;
  readonly advice: string;
  /** What the platform itself said about it. */
  readonly detail: string;
  /** Undefined where nothing was answered at all, or something that is no error. */
  readonly status: Status | undefined;
  /** Whether the status was told, and not concluded from the one of HTTP. */
  readonly told: boolean;
  /** 0 where nothing was answered. */
  readonly http: number;
}

/** The failure that an error of a request to the gateway stands for. */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof HttpErrorResponse)) return withoutAnswer(error);
  if (error.status === 0) return unreachable();
  if (error.ok || error.status === 200) return unreadable(error.status, 'it is not JSON');
  const told = isRecord(error.error) ? STATUSES[number(error.error['code']) ?? -1] : undefined;
  const status = told ?? statusOfHttp(error.status);
  const detail = isRecord(error.error) ? text(error.error['message']) : text(error.error).trim();
  return { ...words(status), detail: detail.slice(0, 1000), status, told: told !== undefined, http: error.status };
}

function withoutAnswer(error: unknown): Failure {
  if (error instanceof TimeoutError) {
    return {
      meaning: 'This page waited as long as it does, and no answer came.',
      advice: 'Follow the trace, if there is one, to see who was slow.',
      detail: '',
      status: undefined,
      told: false,
      http: 0,
    };
  }
  return unreadable(200, error instanceof Error ? error.message : String(error));
}

function unreachable(): Failure {
  return {
    meaning: 'The platform cannot be reached.',
    advice: 'Check that it runs, and that this page may ask it (CORS), then ask again.',
    detail: '',
    status: undefined,
    told: false,
    http: 0,
  };
}

function unreadable(http: number, detail: string): Failure {
  return {
    meaning: 'The answer is not what the API promises.',
    advice: 'Check the address of the API in the settings.',
    detail,
    status: undefined,
    told: false,
    http,
  };
}

function words({ meaning, advice }: Status): Pick<Failure, 'meaning' | 'advice'> {
  return { meaning, advice };
}
