import { inject, Injectable, OnDestroy, signal } from '@angular/core';
import { NGXLogger } from 'ngx-logger';
import { firstValueFrom } from 'rxjs';
import { repeat } from '../shared/pace';
import { reasonOf } from '../shared/reasons';
import { Span } from './span';
import { TraceService } from './trace-service';

export type Search =
  | { readonly state: 'none' | 'looking' | 'missing' }
  | { readonly state: 'failed'; readonly reason: string }
  /** Unless it is `settled`, more spans may come. */
  | { readonly state: 'found'; readonly spans: readonly Span[]; readonly settled: boolean };

/** Milliseconds between two looks, and in all. */
export const PAUSE = 1_000;
export const LONGEST = 12_000;
/** Milliseconds without a new span after which a trace is taken to be whole. */
const QUIET = 3_000;

/**
 * Looks for a trace, as often as it takes.
 *
 * Spans are collected in the background, some seconds after the answer, and those of a message that is consumed later
 * come last.
 */
@Injectable()
export class TraceSearch implements OnDestroy {
  private readonly service = inject(TraceService);
  private readonly log = inject(NGXLogger);
  private readonly current = signal<Search>({ state: 'none' });
  private end = (): void => undefined;

  readonly result = this.current.asReadonly();

  start(id: string): void {
    this.end();
    this.current.set({ state: 'looking' });
    const began = performance.now();
    let count = 0;
    let grown = began;
    const look = async (): Promise<void> => {
      const spans = await firstValueFrom(this.service.spans(id));
      if (this.end !== end) return;
      const now = performance.now();
      if (spans.length !== count) grown = now;
      count = spans.length;
      const last = now - began >= LONGEST;
      const settled = last || now - grown >= QUIET || age(spans) > LONGEST;
      if (count) this.current.set({ state: 'found', spans, settled });
      else if (last) this.current.set({ state: 'missing' });
      if (count ? settled : last) end();
    };
    const end = repeat(PAUSE, () =>
      look().catch((error: unknown) => {
        if (this.end !== end) return;
        end();
        const reason = reasonOf(error);
        this.log.error('trace not read', { trace_id: id, error: reason });
        this.current.set({ state: 'failed', reason });
      }),
    );
    this.end = end;
  }

  ngOnDestroy(): void {
    this.end();
    this.end = () => undefined;
  }
}

/** Milliseconds since the last span ended. */
function age(spans: readonly Span[]): number {
  return Date.now() - Math.max(...spans.map((span) => span.start + span.duration)) / 1000;
}
