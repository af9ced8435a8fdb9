import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core';
import { clock } from '../shared/units';
import { Greeting } from './greetings';

/** What a service said, in whatever script, and where and when. */
@Component({
  selector: 'app-greeting-text',
  template: `
    <p class="message" dir="auto">{{ greeting().message }}</p>
    <p class="where">
      <bdi class="host">{{ greeting().hostname }}</bdi>
      <time [attr.datetime]="greeting().created">{{ created() }}</time>
    </p>
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class GreetingText {
  readonly greeting = input.required<Greeting>();

  protected readonly created = computed(() => clock(new Date(this.greeting().created)));
}
