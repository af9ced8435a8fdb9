import { ChangeDetectionStrategy, Component, computed, effect, inject, input, untracked } from '@angular/core';
import { Session } from '../greeting/session';
import { clock, milliseconds } from '../shared/units';
import { Navigation } from '../shell/navigation';
import { PageHeading } from '../shell/page-heading';
import { PageLink } from '../shell/page-link';
import { TimelineView } from './timeline-view';
import { TraceSearch } from './trace-search';
import { TRACE_ID } from './trace-service';

/** How many requests of this page are offered to choose from. */
const RECENT = 5;

/** The trace with an id, or the choice of one. */
@Component({
  selector: 'app-trace-page',
  imports: [PageHeading, PageLink, TimelineView],
  providers: [TraceSearch],
  templateUrl: './trace-page.html',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class TracePage {
  /** Empty where the reader has to choose. */
  readonly id = input.required<string>();

  private readonly navigation = inject(Navigation);
  private readonly session = inject(Session);

  protected readonly search = inject(TraceSearch);
  protected readonly recent = computed(() => this.session.history().slice(-RECENT).reverse());
  protected readonly valid = computed(() => TRACE_ID.test(this.id()));
  protected readonly clock = clock;
  protected readonly milliseconds = milliseconds;

  constructor() {
    effect(() => {
      const id = this.id();
      if (this.valid()) untracked(() => this.search.start(id));
    });
  }

  protected open(event: Event, id: string): void {
    event.preventDefault();
    if (id.trim()) this.navigation.go(`/trace/${encodeURIComponent(id.trim())}`);
  }
}
