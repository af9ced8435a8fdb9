import { TestBed } from '@angular/core/testing';
import { NgxLoggerLevel } from 'ngx-logger';
import { LogEntries } from './log-entries';
import { LogPanel } from './log-panel';

it('shows the entries, links to their traces, and clears', async () => {
  const log = TestBed.inject(LogEntries);
  const fixture = TestBed.createComponent(LogPanel);
  const panel = fixture.nativeElement as HTMLElement;
  await fixture.whenStable();
  expect(panel.textContent).toContain('Nothing logged yet.');

  log.onLog({ level: NgxLoggerLevel.INFO, message: 'first' });
  log.onLog({ level: NgxLoggerLevel.ERROR, message: 'second <b>', additional: [{ trace_id: 'abc' }] });
  await fixture.whenStable();
  const rows = [...panel.querySelectorAll('tbody tr')];
  expect(rows.map((row) => row.querySelector('.message')?.textContent)).toEqual(['second <b>', 'first']);
  expect(rows[0].className).toBe('level-error');
  expect(rows[0].querySelector('a')?.getAttribute('href')).toBe('/trace/abc');
  expect(rows[1].querySelector('a')).toBeNull();
  expect(panel.querySelector('summary')?.textContent).toContain('2 entries');

  panel.querySelector('button')!.click();
  await fixture.whenStable();
  expect(panel.querySelectorAll('tbody tr')).toHaveLength(0);
});
