import { HttpErrorResponse } from '@angular/common/http';
import { isRecord, text } from './json';

/** Why a request to the server of this page failed, in a few words. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof HttpErrorResponse)) return error instanceof Error ? error.message : String(error);
  if (error.status === 0) return 'the platform cannot be reached';
  const said = isRecord(error.error) ? text(error.error['message']) : '';
  return said || `HTTP ${error.status}`;
}
