import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core';
import { duration } from '../shared/units';
import { Row } from './timeline';

/** What is known about a span. */
@Component({
  selector: 'app-span-details',
  templateUrl: './span-details.html',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class SpanDetails {
  readonly row = input.required<Row>();

  protected readonly lists = computed(() => {
    const { tags, process } = this.row().span;
    return [
      { title: 'Tags', tags },
      { title: 'Process', tags: process },
    ].filter((list) => list.tags.length);
  });
  protected readonly duration = duration;

  protected after(time: number): string {
    return duration(time - this.row().span.start);
  }
}
