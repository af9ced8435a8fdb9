import { NgxLoggerLevel } from 'ngx-logger';
import { KEPT, LogEntries } from './log-entries';

describe('LogEntries', () => {
  it('keeps the last ones, the latest first', () => {
    const log = new LogEntries();
    for (let turn = 0; turn < KEPT + 2; turn++) log.onLog({ level: NgxLoggerLevel.INFO, message: `entry ${turn}` });
    expect(log.latest()).toHaveLength(KEPT);
    expect(log.latest()[0].message).toBe(`entry ${KEPT + 1}`);
    expect(log.latest().at(-1)?.message).toBe('entry 2');
    log.clear();
    expect(log.latest()).toEqual([]);
  });

  it('reads time, level, data and the trace of an entry', () => {
    const log = new LogEntries();
    log.onLog({
      level: NgxLoggerLevel.WARN,
      message: 'm',
      timestamp: '2026-01-02T03:04:05.678Z',
      additional: [{ trace_id: 'abc', x: 1 }],
    });
    expect(log.latest()[0]).toEqual({
      number: 1,
      time: new Date('2026-01-02T03:04:05.678Z'),
      level: 'WARN',
      message: 'm',
      data: '{"trace_id":"abc","x":1}',
      traceId: 'abc',
    });
  });

  it('takes entries without data', () => {
    const log = new LogEntries();
    log.onLog({ level: NgxLoggerLevel.ERROR, message: 'm', additional: [] });
    expect(log.latest()[0]).toMatchObject({ data: '', traceId: '' });
  });
});
