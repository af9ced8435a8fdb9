import { ChangeDetectionStrategy, Component, input } from '@angular/core';
import { Failure } from './failure';

/** Why there is no answer. */
@Component({
  selector: 'app-failure-view',
  template: `
    @let shown = failure();
    <section class="notice error" aria-label="Failure">
      <h3>{{ shown.meaning }}</h3>
      <p>{{ shown.advice }}</p>
      <dl class="facts">
        @if (shown.status; as status) {
          <div>
            <dt>gRPC status</dt>
            <dd>
              <code>{{ status.name }}</code> ({{ status.code }}){{
                shown.told ? '' : ', concluded from the one of HTTP'
              }}
            </dd>
          </div>
        }
        @if (shown.http) {
          <div>
            <dt>HTTP status</dt>
            <dd>{{ shown.http }}</dd>
          </div>
        }
        @if (shown.detail) {
          <div>
            <dt>In detail</dt>
            <dd dir="auto">{{ shown.detail }}</dd>
          </div>
        }
      </dl>
    </section>
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class FailureView {
  readonly failure = input.required<Failure>();
}
