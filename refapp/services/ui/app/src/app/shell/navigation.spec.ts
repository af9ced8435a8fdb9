import { TestBed } from '@angular/core/testing';
import { Navigation, pageAt } from './navigation';

it.each([
  ['/', { name: 'greeting' }],
  ['/index.html', { name: 'greeting' }],
  ['/trace', { name: 'trace', id: '' }],
  ['/trace/', { name: 'trace', id: '' }],
  ['/trace/0af7', { name: 'trace', id: '0af7' }],
  ['/trace/%D7%A9', { name: 'trace', id: 'ש' }],
  ['/trace/%E0%A4%A', { name: 'trace', id: '%E0%A4%A' }],
  ['/graph', { name: 'graph' }],
  ['/graph/more', { name: 'unknown', path: '/graph/more' }],
  ['/trace/a/b', { name: 'unknown', path: '/trace/a/b' }],
  ['/elsewhere', { name: 'unknown', path: '/elsewhere' }],
])('knows the page at %s', (path, page) => expect(pageAt(path)).toEqual(page));

describe('Navigation', () => {
  let navigation: Navigation;

  beforeEach(() => {
    history.replaceState(null, '', '/');
    vi.spyOn(window, 'scrollTo').mockImplementation(() => undefined);
    navigation = TestBed.inject(Navigation);
  });

  it('begins where the address bar is', () => {
    expect(navigation.page()).toEqual({ name: 'greeting' });
    expect(navigation.moved).toBe(false);
  });

  it('goes to a page, at its top', () => {
    navigation.go('/trace/0af7');
    expect(location.pathname).toBe('/trace/0af7');
    expect(navigation.page()).toEqual({ name: 'trace', id: '0af7' });
    expect(navigation.moved).toBe(true);
    expect(window.scrollTo).toHaveBeenCalledWith(0, 0);
  });

  it('follows the buttons of the browser', () => {
    navigation.go('/graph');
    history.replaceState(null, '', '/');
    window.dispatchEvent(new PopStateEvent('popstate'));
    expect(navigation.page()).toEqual({ name: 'greeting' });
  });
});
