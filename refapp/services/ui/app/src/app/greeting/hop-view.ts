import { ChangeDetectionStrategy, Component, input } from '@angular/core';
import { Hop } from './chain';
import { GreetingText } from './greeting-text';

/** A service of the chain, and below it those that it called. */
@Component({
  selector: 'li[app-hop-view]',
  imports: [GreetingText],
  templateUrl: './hop-view.html',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class HopView {
  readonly hop = input.required<Hop>({ alias: 'app-hop-view' });
}
