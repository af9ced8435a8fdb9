import { ChangeDetectionStrategy, Component, inject } from '@angular/core';
import { GreetingPage } from '../greeting/greeting-page';
import { Repeater } from '../greeting/repeater';
import { GraphPage } from '../graph/graph-page';
import { LogPanel } from '../logging/log-panel';
import { SETTINGS } from '../settings/settings';
import { TracePage } from '../trace/trace-page';
import { Navigation } from './navigation';
import { PageHeading } from './page-heading';
import { PageLink } from './page-link';

/** The frame around the pages. */
@Component({
  selector: 'app-root',
  imports: [GraphPage, GreetingPage, LogPanel, PageHeading, PageLink, TracePage],
  templateUrl: './app.html',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class App {
  protected readonly navigation = inject(Navigation);
  protected readonly repeater = inject(Repeater);
  protected readonly settings = inject(SETTINGS);
  protected readonly pages = [
    { name: 'greeting', path: '/', title: 'Greeting' },
    { name: 'trace', path: '/trace', title: 'Trace' },
    { name: 'graph', path: '/graph', title: 'Graph' },
  ];

  // A link to #main would lead to the page at the base address.
  protected skip(event: Event, main: HTMLElement): void {
    event.preventDefault();
    main.focus();
  }
}
