import { DOCUMENT } from '@angular/common';
import { inject, Injectable, signal } from '@angular/core';

/** Whether the tab can be seen; what repeats itself pauses while it cannot. */
@Injectable({ providedIn: 'root' })
export class Visibility {
  private readonly document = inject(DOCUMENT);
  private readonly state = signal(!this.document.hidden);

  readonly visible = this.state.asReadonly();

  constructor() {
    this.document.addEventListener('visibilitychange', () => this.state.set(!this.document.hidden));
  }
}
