import { HttpClient, HttpErrorResponse, HttpResponse } from '@angular/common/http';
import { inject, Injectable } from '@angular/core';
import { NGXLogger } from 'ngx-logger';
import { catchError, map, Observable, of, tap, timeout } from 'rxjs';
import { SETTINGS } from '../settings/settings';
import { idHeaders, logIds, newIds, RequestIds } from '../shared/ids';
import { Failure, failureOf } from './failure';
import { Greeting, readGreetings } from './greetings';

/** How long an answer is waited for, in milliseconds: longer than any deadline in the platform. */
export const PATIENCE = 60_000;

/** A request, and what became of it. */
export interface Exchange {
  readonly ids: RequestIds;
  readonly asked: Date;
  /** From the request to the end of the answer. */
  readonly milliseconds: number;
  readonly greetings: readonly Greeting[];
  readonly failure: Failure | undefined;
}

@Injectable({ providedIn: 'root' })
export class GreetingService {
  private readonly http = inject(HttpClient);
  private readonly log = inject(NGXLogger);
  private readonly url = `${inject(SETTINGS).apiBaseUrl}/api/greeting`;

  /** Asks for the greetings; a failure is a result too. */
  ask(): Observable<Exchange> {
    const ids = newIds();
    const asked = new Date();
    const start = performance.now();
    const exchange = (greetings: readonly Greeting[], failure?: Failure): Exchange => ({
      ids,
      asked,
      milliseconds: performance.now() - start,
      greetings,
      failure,
    });
    this.log.debug('greeting requested', { url: this.url, ...logIds(ids) });
    return this.http.get<unknown>(this.url, { headers: idHeaders(ids), observe: 'response' }).pipe(
      timeout(PATIENCE),
      map((response: HttpResponse<unknown>) => exchange(readGreetings(response.body))),
      catchError((error: HttpErrorResponse | Error) => of(exchange([], failureOf(error)))),
      tap((result) => this.report(result)),
    );
  }

  private report({ ids, milliseconds, greetings, failure }: Exchange): void {
    const data = { ...logIds(ids), duration_ms: Math.round(milliseconds * 10) / 10 };
    if (failure) {
      const { http, status, detail } = failure;
      this.log.error('greeting failed', { ...data, http_status: http, grpc_status: status?.name, error: detail });
    } else {
      this.log.info('greeting received', { ...data, greetings: greetings.length });
    }
  }
}
