import { provideHttpClient } from '@angular/common/http';
import { HttpTestingController, provideHttpClientTesting } from '@angular/common/http/testing';
import { TestBed } from '@angular/core/testing';
import { NGXLogger } from 'ngx-logger';
import { greeting, SETTINGS_OF_TESTS } from '../../testing/platform';
import { SETTINGS } from '../settings/settings';
import { Exchange, GreetingService, PATIENCE } from './greeting-service';

describe('GreetingService', () => {
  const log = { debug: vi.fn(), info: vi.fn(), error: vi.fn() };
  let requests: HttpTestingController;
  let result: Exchange | undefined;

  beforeEach(() => {
    vi.clearAllMocks();
    TestBed.configureTestingModule({
      providers: [
        provideHttpClient(),
        provideHttpClientTesting(),
        { provide: SETTINGS, useValue: { ...SETTINGS_OF_TESTS, apiBaseUrl: 'http://api.test' } },
        { provide: NGXLogger, useValue: log },
      ],
    });
    requests = TestBed.inject(HttpTestingController);
    result = undefined;
    TestBed.inject(GreetingService)
      .ask()
      .subscribe((exchange) => (result = exchange));
  });

  const sent = () => requests.expectOne('http://api.test/api/greeting');

  it('gives the request a trace, and tells it', () => {
    const call = sent();
    call.flush({ greeting: [greeting('Service A')] });
    expect(call.request.headers.get('x-b3-traceid')).toBe(result?.ids.traceId);
    expect(call.request.headers.get('x-b3-spanid')).toBe(result?.ids.spanId);
    expect(call.request.headers.get('x-request-id')).toBe(result?.ids.requestId);
    expect(call.request.headers.has('x-b3-sampled')).toBe(false);
    expect(result?.greetings).toEqual([greeting('Service A')]);
    expect(result?.failure).toBeUndefined();
    expect(result?.milliseconds).toBeGreaterThanOrEqual(0);
  });

  it('logs request and answer with their ids', () => {
    const { headers } = sent().request;
    const ids = { trace_id: headers.get('x-b3-traceid'), request_id: headers.get('x-request-id') };
    expect(log.debug).toHaveBeenCalledWith('greeting requested', expect.objectContaining(ids));
    expect(log.info).not.toHaveBeenCalled();
  });

  it('logs an answer', () => {
    sent().flush({ greeting: [greeting('Service A')] });
    expect(log.info).toHaveBeenCalledExactlyOnceWith(
      'greeting received',
      expect.objectContaining({ trace_id: result?.ids.traceId, greetings: 1, duration_ms: expect.any(Number) }),
    );
  });

  it('answers with the failure when the platform refuses', () => {
    sent().flush(
      { code: 14, message: 'service-b is away', details: [] },
      { status: 503, statusText: 'Service Unavailable' },
    );
    expect(result?.greetings).toEqual([]);
    expect(result?.failure?.status?.name).toBe('UNAVAILABLE');
    expect(log.error).toHaveBeenCalledExactlyOnceWith(
      'greeting failed',
      expect.objectContaining({
        trace_id: result?.ids.traceId,
        http_status: 503,
        grpc_status: 'UNAVAILABLE',
        error: 'service-b is away',
      }),
    );
  });

  it('answers with the failure when the answer is none', () => {
    sent().flush({ greeting: 'nothing' });
    expect(result?.failure?.meaning).toContain('not what the API promises');
  });
});

it('does not wait for ever', () => {
  vi.useFakeTimers();
  TestBed.configureTestingModule({
    providers: [
      provideHttpClient(),
      provideHttpClientTesting(),
      { provide: SETTINGS, useValue: SETTINGS_OF_TESTS },
      { provide: NGXLogger, useValue: { debug: vi.fn(), error: vi.fn() } },
    ],
  });
  let result: Exchange | undefined;
  TestBed.inject(GreetingService)
    .ask()
    .subscribe((exchange) => (result = exchange));
  const call = TestBed.inject(HttpTestingController).expectOne('/api/greeting');
  vi.advanceTimersByTime(PATIENCE + 1);
  vi.useRealTimers();
  expect(result?.failure?.meaning).toContain('waited');
  expect(call.cancelled).toBe(true);
});
