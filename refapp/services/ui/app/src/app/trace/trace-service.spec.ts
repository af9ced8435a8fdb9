import { provideHttpClient } from '@angular/common/http';
import { HttpTestingController, provideHttpClientTesting } from '@angular/common/http/testing';
import { TestBed } from '@angular/core/testing';
import { JAEGER_ANSWER } from '../../testing/trace';
import { Span } from './span';
import { TRACE_ID, TraceService } from './trace-service';

describe('TraceService', () => {
  let spans: readonly Span[] | undefined;
  let failed: unknown;

  function ask() {
    TestBed.configureTestingModule({ providers: [provideHttpClient(), provideHttpClientTesting()] });
    spans = failed = undefined;
    TestBed.inject(TraceService)
      .spans('abc')
      .subscribe({ next: (found) => (spans = found), error: (error) => (failed = error) });
    return TestBed.inject(HttpTestingController).expectOne('/traces/abc');
  }

  it('reads the spans of a trace', () => {
    ask().flush(JAEGER_ANSWER);
    expect(spans).toHaveLength(2);
  });

  it('has none of a trace that is not known', () => {
    ask().flush({ message: 'Jaeger knows no trace' }, { status: 404, statusText: 'Not Found' });
    expect(spans).toEqual([]);
  });

  it('fails when Jaeger is away', () => {
    ask().flush({ message: 'Jaeger is away' }, { status: 502, statusText: 'Bad Gateway' });
    expect(spans).toBeUndefined();
    expect(failed).toMatchObject({ status: 502 });
  });
});

it.each([
  ['0af7651916cd43dd', true],
  ['0AF7651916CD43DD8448EB211C80319C', true],
  ['0af7651916cd43dd8448eb211c80319', false],
  ['', false],
  ['zzf7651916cd43dd', false],
])('knows whether %s is the id of a trace', (id, valid) => expect(TRACE_ID.test(id)).toBe(valid));
