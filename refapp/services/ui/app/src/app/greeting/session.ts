import { computed, inject, Injectable, signal } from '@angular/core';
import { firstValueFrom } from 'rxjs';
import { Exchange, GreetingService } from './greeting-service';

/** How many exchanges the chart shows. */
export const REMEMBERED = 60;

/** What was asked since the page was loaded; outlives a visit to another page. */
@Injectable({ providedIn: 'root' })
export class Session {
  private readonly service = inject(GreetingService);
  private readonly exchanges = signal<readonly Exchange[]>([]);
  private readonly running = signal(false);

  /** The last exchanges, the latest last. */
  readonly history = this.exchanges.asReadonly();
  readonly latest = computed(() => this.exchanges().at(-1));
  readonly asking = this.running.asReadonly();

  /** Asks, unless an answer is waited for already. */
  async ask(): Promise<void> {
    if (this.running()) return;
    this.running.set(true);
    const exchange = await firstValueFrom(this.service.ask());
    this.exchanges.update((exchanges) => [...exchanges, exchange].slice(-REMEMBERED));
    this.running.set(false);
  }
}
