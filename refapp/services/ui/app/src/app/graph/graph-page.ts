import { ChangeDetectionStrategy, Component, effect, inject, signal } from '@angular/core';
import { NGXLogger } from 'ngx-logger';
import { firstValueFrom } from 'rxjs';
import { repeat } from '../shared/pace';
import { reasonOf } from '../shared/reasons';
import { clock } from '../shared/units';
import { Visibility } from '../shared/visibility';
import { PageHeading } from '../shell/page-heading';
import { PageLink } from '../shell/page-link';
import { Graph } from './graph';
import { GraphDrawing } from './graph-drawing';
import { GraphService } from './graph-service';
import { GraphTable } from './graph-table';

/** Milliseconds from refresh to refresh. */
export const REFRESH = 5_000;

/** Who calls whom just now, and how that goes. */
@Component({
  selector: 'app-graph-page',
  imports: [GraphDrawing, GraphTable, PageHeading, PageLink],
  templateUrl: './graph-page.html',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class GraphPage {
  private readonly service = inject(GraphService);
  private readonly log = inject(NGXLogger);

  protected readonly windows = [
    { seconds: 30, title: '30 seconds' },
    { seconds: 60, title: 'minute' },
    { seconds: 300, title: '5 minutes' },
    { seconds: 900, title: '15 minutes' },
  ];
  protected readonly window = signal(60);
  protected readonly graph = signal<Graph | undefined>(undefined);
  protected readonly refreshed = signal('');
  /** Why the last refresh failed; empty when it did not. */
  protected readonly problem = signal('');

  constructor() {
    const visibility = inject(Visibility);
    effect((onCleanup) => {
      const window = this.window();
      if (visibility.visible()) onCleanup(repeat(REFRESH, () => this.refresh(window)));
    });
  }

  protected choose(seconds: string): void {
    this.window.set(Number(seconds));
  }

  private async refresh(window: number): Promise<void> {
    try {
      const graph = await firstValueFrom(this.service.graph(window));
      if (window !== this.window()) return;
      this.graph.set(graph);
      this.refreshed.set(clock(new Date()));
      this.problem.set('');
    } catch (error) {
      if (window !== this.window()) return;
      const reason = reasonOf(error);
      if (reason !== this.problem()) this.log.warn('graph not refreshed', { error: reason });
      this.problem.set(reason);
    }
  }
}
