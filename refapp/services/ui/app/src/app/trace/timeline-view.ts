import { ChangeDetectionStrategy, Component, computed, input, signal } from '@angular/core';
import { counted, duration } from '../shared/units';
import { Span } from './span';
import { SpanDetails } from './span-details';
import { Row, timelineOf } from './timeline';

/** A trace as Jaeger shows it: a line for each span, a bar from its start to its end. */
@Component({
  selector: 'app-timeline-view',
  imports: [SpanDetails],
  templateUrl: './timeline-view.html',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class TimelineView {
  readonly spans = input.required<readonly Span[]>();

  private readonly opened = signal<ReadonlySet<string>>(new Set());

  protected readonly timeline = computed(() => timelineOf(this.spans()));
  protected readonly facts = computed(() => {
    const { start, duration: whole, services, depth, rows, errors } = this.timeline();
    return [
      start.toISOString().replace('T', ' ').replace('Z', ' UTC'),
      duration(whole),
      counted(services.length, 'service'),
      `depth ${depth}`,
      counted(rows.length, 'span'),
      errors ? counted(errors, 'error') : 'no errors',
    ];
  });
  protected readonly duration = duration;

  protected rightOf({ place, left, width }: Row): number | null {
    if (place === 'after') return null;
    return 100 - (place === 'before' ? left : left + width);
  }

  protected isOpen(span: Span): boolean {
    return this.opened().has(span.key);
  }

  protected toggle(span: Span): void {
    const opened = new Set(this.opened());
    if (!opened.delete(span.key)) opened.add(span.key);
    this.opened.set(opened);
  }
}
