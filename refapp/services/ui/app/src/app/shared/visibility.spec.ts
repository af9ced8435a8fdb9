import { TestBed } from '@angular/core/testing';
import { Visibility } from './visibility';

it('follows the tab', () => {
  const hidden = vi.spyOn(document, 'hidden', 'get').mockReturnValue(false);
  const visibility = TestBed.inject(Visibility);
  expect(visibility.visible()).toBe(true);
  hidden.mockReturnValue(true);
  document.dispatchEvent(new Event('visibilitychange'));
  expect(visibility.visible()).toBe(false);
  hidden.mockReturnValue(false);
  document.dispatchEvent(new Event('visibilitychange'));
  expect(visibility.visible()).toBe(true);
  hidden.mockRestore();
});
