import { ChangeDetectionStrategy, Component, inject } from '@angular/core';
import { clock } from '../shared/units';
import { PageLink } from '../shell/page-link';
import { LogEntries } from './log-entries';

/** The last log entries of this page, as on the console. */
@Component({
  selector: 'app-log-panel',
  imports: [PageLink],
  templateUrl: './log-panel.html',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class LogPanel {
  protected readonly log = inject(LogEntries);
  protected readonly clock = clock;
}
