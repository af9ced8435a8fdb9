import { Directive, inject, input } from '@angular/core';
import { Navigation } from './navigation';

/** A link to a page of this application; in a new tab, or copied, it is one like any other. */
@Directive({
  selector: 'a[appPageLink]',
  host: { '[attr.href]': 'appPageLink()', '(click)': 'follow($event)' },
})
export class PageLink {
  private readonly navigation = inject(Navigation);

  readonly appPageLink = input.required<string>();

  protected follow(event: MouseEvent): void {
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    this.navigation.go(this.appPageLink());
  }
}
