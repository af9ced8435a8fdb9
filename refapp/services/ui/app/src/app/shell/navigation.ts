import { DOCUMENT } from '@angular/common';
import { inject, Injectable, signal } from '@angular/core';

export type Page =
  | { readonly name: 'greeting' }
  | { readonly name: 'trace'; readonly id: string }
  | { readonly name: 'graph' }
  | { readonly name: 'unknown'; readonly path: string };

/** The page at a path of the address bar. */
export function pageAt(path: string): Page {
  const [first = '', second = '', ...rest] = path.replace(/^\/|\/$/g, '').split('/');
  if (rest.length === 0) {
    if (first === 'trace') return { name: 'trace', id: decode(second) };
    if (first === 'graph' && second === '') return { name: 'graph' };
    if (first === '' || path === '/index.html') return { name: 'greeting' };
  }
  return { name: 'unknown', path };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/**
 * Which page is shown.
 *
 * Three pages and one parameter: Angular's router would be a third of what the browser loads.
 */
@Injectable({ providedIn: 'root' })
export class Navigation {
  private readonly document = inject(DOCUMENT);
  private readonly window = this.document.defaultView!;
  private readonly current = signal(pageAt(this.window.location.pathname));

  readonly page = this.current.asReadonly();
  /** Whether the reader came from another page of this application, so that the focus has to be moved. */
  moved = false;

  constructor() {
    this.window.addEventListener('popstate', () => this.follow());
  }

  go(path: string): void {
    this.window.history.pushState(null, '', path);
    this.window.scrollTo(0, 0);
    this.follow();
  }

  private follow(): void {
    this.moved = true;
    this.current.set(pageAt(this.window.location.pathname));
  }
}
