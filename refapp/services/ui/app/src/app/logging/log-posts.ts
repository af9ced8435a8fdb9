import { HttpBackend, HttpErrorResponse } from '@angular/common/http';
import { inject, Injectable, NgZone } from '@angular/core';
import { INGXLoggerMetadata, NGXLoggerServerService } from 'ngx-logger';
import { catchError, EMPTY, Observable, tap } from 'rxjs';

/** What the platform takes in one entry is 16 KiB; the rest is room for its envelope. */
export const MAX_BYTES = 16_000;
/** Entries a second over time, and at once: less than what the platform takes from all pages together. */
export const RATE = 10;
export const BURST = 40;
/** Milliseconds of silence after a refusal; each further one doubles it. */
export const SILENCE = 5_000;
export const MAX_SILENCE = 300_000;

/**
 * Posts log entries to the platform.
 *
 * ngx-logger reports an entry that could not be posted as an error on the console, and tries the next one at once. Here
 * a platform that refuses entries is left alone for a while, and what is not posted meanwhile is counted: the next
 * entry that is posted says as `unposted` how many are missing before it.
 */
@Injectable()
export class LogPosts extends NGXLoggerServerService {
  private tokens = BURST;
  private refilled = performance.now();
  private silentUntil = 0;
  private silence = SILENCE;
  private unposted = 0;

  constructor() {
    super(inject(HttpBackend), inject(NgZone));
  }

  protected override customiseRequestBody(entry: INGXLoggerMetadata): INGXLoggerMetadata {
    if (this.unposted === 0) return entry;
    const [data, ...others] = entry.additional ?? [];
    return { ...entry, additional: [{ ...data, unposted: this.unposted }, ...others] };
  }

  protected override logOnServer(
    ...[url, entry, options]: Parameters<NGXLoggerServerService['logOnServer']>
  ): Observable<unknown> {
    if (!this.admits(entry)) {
      this.unposted += 1;
      return EMPTY;
    }
    const missing = this.unposted;
    this.unposted = 0;
    return super.logOnServer(url, entry, options).pipe(
      tap({ complete: () => (this.silence = SILENCE) }),
      catchError((error: unknown) => {
        this.unposted += missing + 1;
        this.fallSilent(error);
        return EMPTY;
      }),
    );
  }

  private admits(entry: unknown): boolean {
    const now = performance.now();
    this.tokens = Math.min(BURST, this.tokens + ((now - this.refilled) / 1000) * RATE);
    this.refilled = now;
    if (now < this.silentUntil || this.tokens < 1 || bytes(entry) > MAX_BYTES) return false;
    this.tokens -= 1;
    return true;
  }

  private fallSilent(error: unknown): void {
    const asked = error instanceof HttpErrorResponse ? Number(error.headers.get('Retry-After')) * 1000 : 0;
    this.silentUntil = performance.now() + Math.min(Math.max(asked || 0, this.silence), MAX_SILENCE);
    this.silence = Math.min(this.silence * 2, MAX_SILENCE);
  }
}

function bytes(entry: unknown): number {
  return new TextEncoder().encode(JSON.stringify(entry)).length;
}
