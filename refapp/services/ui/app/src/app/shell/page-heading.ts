import { afterNextRender, Directive, effect, ElementRef, inject, input } from '@angular/core';
import { Title } from '@angular/platform-browser';
import { Navigation } from './navigation';

/** The heading of a page: names the tab, and takes the focus when the reader has come from another page. */
@Directive({ selector: 'h1[appPageHeading]', host: { tabindex: '-1' } })
export class PageHeading {
  private readonly title = inject(Title);

  readonly appPageHeading = input.required<string>();

  constructor() {
    const heading: ElementRef<HTMLElement> = inject(ElementRef);
    const navigation = inject(Navigation);
    effect(() => this.title.setTitle(`${this.appPageHeading()} · Reference platform`));
    afterNextRender(() => {
      if (navigation.moved) heading.nativeElement.focus({ preventScroll: true });
    });
  }
}
