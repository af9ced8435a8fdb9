import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core';
import { Graph } from './graph';
import { labelOf } from './labels';

const COLUMNS = [
  { title: 'From', number: false },
  { title: 'To', number: false },
  { title: 'Protocol', number: false },
  { title: 'Rate', number: true },
  { title: 'Errors', number: true },
  { title: 'p95', number: true },
  { title: 'mTLS', number: false },
];

/**
 * The edges of the graph as a table.
 *
 * On a phone a row takes two lines, each figure with its title. The roles are told for this: what is laid out otherwise
 * than as a table is none to a screen reader.
 */
@Component({
  selector: 'app-graph-table',
  template: `
    <table class="edges" role="table">
      <caption>
        Traffic
      </caption>
      <thead role="rowgroup">
        <tr role="row">
          @for (column of columns; track column.title) {
            <th scope="col" role="columnheader" [class.number]="column.number">{{ column.title }}</th>
          }
        </tr>
      </thead>
      <tbody role="rowgroup">
        @for (row of rows(); track $index) {
          <tr role="row" [class.failed]="row.failed">
            @for (cell of row.cells; track $index) {
              <td role="cell" [class.number]="columns[$index].number" [attr.data-title]="columns[$index].title">
                {{ cell || '–' }}
              </td>
            }
          </tr>
        }
      </tbody>
    </table>
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class GraphTable {
  readonly graph = input.required<Graph>();

  protected readonly columns = COLUMNS;
  protected readonly rows = computed(() =>
    this.graph().edges.map((edge) => {
      const { rate, errors, p95, mtls } = labelOf(edge);
      return {
        failed: edge.failed > 0,
        cells: [edge.source, edge.destination, edge.protocol, rate, errors, p95, mtls],
      };
    }),
  );
}
