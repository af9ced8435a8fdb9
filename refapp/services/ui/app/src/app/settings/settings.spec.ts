import { NgxLoggerLevel } from 'ngx-logger';
import { readSettings } from './settings';

describe('readSettings', () => {
  it('reads what the deployment says', () => {
    const settings = readSettings({
      apiBaseUrl: 'http://api.test/',
      production: false,
      logLevel: 'warn',
      serverLogLevel: 'ERROR',
      serverLoggingUrl: '/logs',
      workloads: [{ name: 'a', title: 'Service A', calls: ['b'], publishes: 'q', consumes: '' }],
    });
    expect(settings).toEqual({
      apiBaseUrl: 'http://api.test',
      production: false,
      logLevel: NgxLoggerLevel.WARN,
      serverLogLevel: NgxLoggerLevel.ERROR,
      serverLoggingUrl: '/logs',
      workloads: [{ name: 'a', title: 'Service A', calls: ['b'], publishes: 'q', consumes: '' }],
      problem: '',
    });
  });

  it('logs DEBUG outside production and INFO in it, and posts nothing, unless told otherwise', () => {
    expect(readSettings({ production: false }).logLevel).toBe(NgxLoggerLevel.DEBUG);
    expect(readSettings({ production: true }).logLevel).toBe(NgxLoggerLevel.INFO);
    expect(readSettings({ production: true, logLevel: 'LOUD' }).logLevel).toBe(NgxLoggerLevel.INFO);
    expect(readSettings({}).serverLogLevel).toBe(NgxLoggerLevel.OFF);
  });

  it.each([undefined, null, 7, 'text', [], { workloads: [7, null], production: 'no' }])(
    'takes %j for production',
    (data) => {
      const settings = readSettings(data, 'HTTP 500');
      expect(settings.production).toBe(true);
      expect(settings.workloads).toEqual([]);
      expect(settings.problem).toBe('HTTP 500');
    },
  );

  it('names a workload without a title by its name', () => {
    expect(readSettings({ workloads: [{ name: 'a', calls: null }] }).workloads).toEqual([
      { name: 'a', title: 'a', calls: [], publishes: '', consumes: '' },
    ]);
  });
});
