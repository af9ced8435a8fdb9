import { HttpClient, HttpErrorResponse } from '@angular/common/http';
import { inject, Injectable } from '@angular/core';
import { catchError, map, Observable, of, throwError } from 'rxjs';
import { readSpans } from './jaeger';
import { Span } from './span';

/** 16 or 32 hex digits. */
export const TRACE_ID = /^(?:[0-9a-f]{16}){1,2}$/i;

const NOT_FOUND = 404;

@Injectable({ providedIn: 'root' })
export class TraceService {
  private readonly http = inject(HttpClient);

  /** The spans of a trace that are there by now; none where the trace is not known. */
  spans(id: string): Observable<readonly Span[]> {
    return this.http.get<unknown>(`/traces/${id}`).pipe(
      map(readSpans),
      catchError((error: unknown) =>
        error instanceof HttpErrorResponse && error.status === NOT_FOUND ? of([]) : throwError(() => error),
      ),
    );
  }
}
