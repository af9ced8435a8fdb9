import { computed, effect, inject, Injectable, signal } from '@angular/core';
import { repeat } from '../shared/pace';
import { Visibility } from '../shared/visibility';
import { Session } from './session';

/** Requests a second that a reader can choose; 0 is off. */
export const RATES: readonly number[] = [0, 1, 2, 5, 10];

/** Asks again and again while the tab can be seen, also while the reader looks at another page. */
@Injectable({ providedIn: 'root' })
export class Repeater {
  private readonly visibility = inject(Visibility);

  readonly rate = signal(0);
  readonly paused = computed(() => this.rate() > 0 && !this.visibility.visible());

  constructor() {
    const session = inject(Session);
    effect((onCleanup) => {
      const rate = this.rate();
      if (rate > 0 && this.visibility.visible()) onCleanup(repeat(1000 / rate, () => session.ask()));
    });
  }
}
