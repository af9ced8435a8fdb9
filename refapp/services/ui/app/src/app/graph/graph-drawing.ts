import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core';
import { Graph } from './graph';
import { labelOf } from './labels';
import { layoutOf, NODE } from './layout';

const LETTERS = 22;

/** The graph, drawn: nodes in layers, and the traffic between them. */
@Component({
  selector: 'app-graph-drawing',
  templateUrl: './graph-drawing.html',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class GraphDrawing {
  readonly graph = input.required<Graph>();

  protected readonly layout = computed(() => layoutOf(this.graph()));
  protected readonly failing = computed(
    () =>
      new Set(
        this.graph()
          .edges.filter(({ failed }) => failed > 0)
          .map(({ destination }) => destination),
      ),
  );
  protected readonly node = NODE;
  protected readonly labelOf = labelOf;

  /** As much of a name as a box has room for. */
  protected shortened(name: string): string {
    return name.length > LETTERS ? `${name.slice(0, LETTERS - 1)}…` : name;
  }
}
