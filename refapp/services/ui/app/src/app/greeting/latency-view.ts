import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core';
import { milliseconds } from '../shared/units';
import { Exchange } from './greeting-service';
import { latencyChart } from './latency';

/** The response times of the last exchanges, drawn. */
@Component({
  selector: 'app-latency-view',
  template: `
    <figure class="latency">
      <svg role="img" aria-labelledby="latency-summary">
        <line class="grid" x1="0" x2="100%" y1="50%" y2="50%" />
        @for (bar of chart().bars; track $index) {
          <rect
            [class.failed]="bar.failed"
            [attr.x]="bar.x + '%'"
            [attr.y]="bar.y + '%'"
            [attr.width]="bar.width + '%'"
            [attr.height]="bar.height + '%'"
          >
            <title>{{ bar.tip }}</title>
          </rect>
          @if (bar.failed) {
            <text class="mark" [attr.x]="bar.x + bar.width / 2 + '%'" y="12" text-anchor="middle">×</text>
          }
        }
      </svg>
      <span class="top" aria-hidden="true">{{ milliseconds(chart().top) }}</span>
      <figcaption id="latency-summary">{{ chart().summary }}</figcaption>
    </figure>
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class LatencyView {
  readonly exchanges = input.required<readonly Exchange[]>();

  protected readonly chart = computed(() => latencyChart(this.exchanges()));
  protected readonly milliseconds = milliseconds;
}
