import { provideHttpClient } from '@angular/common/http';
import { HttpTestingController, provideHttpClientTesting, TestRequest } from '@angular/common/http/testing';
import { TestBed } from '@angular/core/testing';
import { NGXLogger, NgxLoggerLevel } from 'ngx-logger';
import { SETTINGS_OF_TESTS } from '../../testing/platform';
import { Settings } from '../settings/settings';
import { LogEntries } from './log-entries';
import { BURST, MAX_BYTES, RATE, SILENCE } from './log-posts';
import { provideLogging } from './logging';

describe('logging', () => {
  const written = {
    debug: vi.spyOn(console, 'debug'),
    info: vi.spyOn(console, 'info'),
    warn: vi.spyOn(console, 'warn'),
    error: vi.spyOn(console, 'error'),
  };

  beforeEach(() => {
    vi.useFakeTimers();
    for (const writer of Object.values(written)) writer.mockReset().mockImplementation(() => undefined);
  });

  afterEach(() => void vi.useRealTimers());

  async function logger(settings: Partial<Settings>): Promise<NGXLogger> {
    TestBed.configureTestingModule({
      providers: [
        provideHttpClient(),
        provideHttpClientTesting(),
        provideLogging({ ...SETTINGS_OF_TESTS, ...settings }),
      ],
    });
    return TestBed.inject(NGXLogger);
  }

  const posts = (): TestRequest[] => TestBed.inject(HttpTestingController).match('/logs');
  const messages = () =>
    TestBed.inject(LogEntries)
      .latest()
      .map(({ message }) => message);

  it.each([
    ['DEBUG', NgxLoggerLevel.DEBUG, ['d', 'i']],
    ['INFO', NgxLoggerLevel.INFO, ['i']],
    ['OFF', NgxLoggerLevel.OFF, []],
  ])('writes to the console and the panel from level %s', async (_, logLevel, expected) => {
    const log = await logger({ logLevel });
    log.debug('d');
    log.info('i');
    const lines = [...written.debug.mock.calls, ...written.info.mock.calls].map(([, , message]) => message);
    expect(lines).toEqual(expected);
    expect(messages().reverse()).toEqual(expected);
  });

  it('formats an entry with time, level, message and data', async () => {
    const log = await logger({ logLevel: NgxLoggerLevel.INFO });
    const data = { trace_id: 'abc' };
    log.info('greeting received', data);
    const [format, , message, additional] = written.info.mock.calls[0];
    expect(format).toMatch(/^%c\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO/);
    expect([message, additional]).toEqual(['greeting received', data]);
  });

  describe('to the platform', () => {
    const toServer = { serverLogLevel: NgxLoggerLevel.INFO };

    it('posts entries from the level of the server on, whatever the console shows', async () => {
      const log = await logger(toServer);
      log.debug('d');
      log.warn('w', { trace_id: 'abc', request_id: 'def' });
      const [post, ...others] = posts();
      expect(others).toEqual([]);
      expect(post.request.body).toMatchObject({
        level: NgxLoggerLevel.WARN,
        message: 'w',
        timestamp: expect.any(String),
        additional: [{ trace_id: 'abc', request_id: 'def' }],
      });
    });

    it('posts nothing when it is off', async () => {
      (await logger({})).error('e');
      expect(posts()).toEqual([]);
    });

    it.each([
      [429, {}],
      [413, {}],
      [500, {}],
    ])('falls silent after %d, without a word on the console', async (status, headers) => {
      const log = await logger(toServer);
      log.info('refused');
      posts()[0].flush('', { status, statusText: 'refused', headers });
      log.info('not sent');
      expect(posts()).toEqual([]);
      vi.advanceTimersByTime(SILENCE);
      log.info('sent', { x: 1 });
      const [post] = posts();
      expect(post.request.body.additional).toEqual([{ x: 1, unposted: 2 }]);
      expect(written.error).not.toHaveBeenCalled();
      expect(written.warn).not.toHaveBeenCalled();
    });

    it('falls silent when nobody answers, longer each time, and recovers', async () => {
      const log = await logger(toServer);
      log.info('one');
      posts()[0].error(new ProgressEvent('error'));
      vi.advanceTimersByTime(SILENCE);
      log.info('two');
      posts()[0].error(new ProgressEvent('error'));
      vi.advanceTimersByTime(SILENCE);
      log.info('three');
      expect(posts()).toEqual([]);
      vi.advanceTimersByTime(SILENCE);
      log.info('four');
      posts()[0].flush(null, { status: 204, statusText: 'No Content' });
      log.info('five');
      expect(posts()[0].request.body.additional).toEqual([]);
      expect(written.error).not.toHaveBeenCalled();
    });

    it('waits as long as it is asked to', async () => {
      const log = await logger(toServer);
      log.info('refused');
      posts()[0].flush('', { status: 429, statusText: 'refused', headers: { 'Retry-After': '60' } });
      vi.advanceTimersByTime(59_000);
      log.info('not sent');
      expect(posts()).toEqual([]);
      vi.advanceTimersByTime(1_000);
      log.info('sent');
      expect(posts()).toHaveLength(1);
    });

    it('does not send what is too long', async () => {
      const log = await logger(toServer);
      log.info('x'.repeat(MAX_BYTES));
      log.info('ש'.repeat(MAX_BYTES / 2));
      expect(posts()).toEqual([]);
      log.info('short');
      expect(posts()).toHaveLength(1);
    });

    it('does not flood the platform', async () => {
      const log = await logger(toServer);
      for (let turn = 0; turn < 3 * BURST; turn++) log.info('again');
      expect(posts()).toHaveLength(BURST);
      vi.advanceTimersByTime(1000);
      for (let turn = 0; turn < 3 * BURST; turn++) log.info('again');
      expect(posts()).toHaveLength(RATE);
    });
  });
});
