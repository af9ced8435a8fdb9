import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core';
import { SETTINGS } from '../settings/settings';
import { clock, counted, milliseconds } from '../shared/units';
import { PageHeading } from '../shell/page-heading';
import { PageLink } from '../shell/page-link';
import { chainOf } from './chain';
import { FailureView } from './failure-view';
import { GreetingText } from './greeting-text';
import { HopView } from './hop-view';
import { LatencyView } from './latency-view';
import { RATES, Repeater } from './repeater';
import { Session } from './session';

/** Asks the platform for its greetings and shows the chain of services that they came through. */
@Component({
  selector: 'app-greeting-page',
  imports: [FailureView, GreetingText, HopView, LatencyView, PageHeading, PageLink],
  templateUrl: './greeting-page.html',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class GreetingPage {
  private readonly workloads = inject(SETTINGS).workloads;

  protected readonly session = inject(Session);
  protected readonly repeater = inject(Repeater);
  protected readonly rates = RATES;
  protected readonly chain = computed(() => chainOf(this.workloads, this.session.latest()?.greetings ?? []));
  protected readonly announcement = computed(() => this.announce());
  protected readonly clock = clock;
  protected readonly counted = counted;
  protected readonly milliseconds = milliseconds;

  protected repeat(rate: string): void {
    this.repeater.rate.set(Number(rate));
  }

  // While requests repeat themselves, only what changes from good to bad and back is worth an interruption.
  private announce(): string {
    const latest = this.session.latest();
    const repeated = this.repeater.rate() > 0;
    if (!latest) return this.session.asking() ? 'Asking' : '';
    if (latest.failure) return `Failed. ${latest.failure.meaning}`;
    if (repeated) return 'Answers are coming in.';
    return `${counted(latest.greetings.length, 'greeting')} in ${milliseconds(latest.milliseconds)}.`;
  }
}
