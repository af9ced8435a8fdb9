import { TestBed } from '@angular/core/testing';
import { LoggerTestingModule } from 'ngx-logger/testing';
import { of, Subject, throwError } from 'rxjs';
import { span } from '../../testing/trace';
import { Span } from './span';
import { LONGEST, PAUSE, TraceSearch } from './trace-search';
import { TraceService } from './trace-service';

describe('TraceSearch', () => {
  const spans = vi.fn();
  let search: TraceSearch;

  beforeEach(() => {
    vi.useFakeTimers();
    spans.mockReset();
    TestBed.configureTestingModule({
      imports: [LoggerTestingModule],
      providers: [TraceSearch, { provide: TraceService, useValue: { spans } }],
    });
    search = TestBed.inject(TraceSearch);
  });

  afterEach(() => void vi.useRealTimers());

  /** A span that has just ended. */
  const fresh = (id: string): Span => span(id, { start: Date.now() * 1000 });
  const found = () => {
    const result = search.result();
    return result.state === 'found' ? [result.spans.length, result.settled] : result.state;
  };

  it('looks again until the trace is there, and until no more spans come', async () => {
    const answers: Span[][] = [[], [], [fresh('a')], [fresh('a'), fresh('b')]];
    spans.mockImplementation(() => of(answers.length > 1 ? answers.shift() : answers[0]));
    search.start('abc');
    await vi.advanceTimersByTimeAsync(1);
    expect(found()).toBe('looking');
    await vi.advanceTimersByTimeAsync(2 * PAUSE);
    expect(found()).toEqual([1, false]);
    await vi.advanceTimersByTimeAsync(PAUSE);
    expect(found()).toEqual([2, false]);
    await vi.advanceTimersByTimeAsync(3 * PAUSE);
    expect(found()).toEqual([2, true]);
    const calls = spans.mock.calls.length;
    await vi.advanceTimersByTimeAsync(10 * PAUSE);
    expect(spans).toHaveBeenCalledTimes(calls);
  });

  it('asks once for a trace that is old', async () => {
    spans.mockReturnValue(of([span('a')]));
    search.start('abc');
    await vi.advanceTimersByTimeAsync(5 * PAUSE);
    expect(found()).toEqual([1, true]);
    expect(spans).toHaveBeenCalledTimes(1);
  });

  it('gives up after a while', async () => {
    spans.mockReturnValue(of([]));
    search.start('abc');
    await vi.advanceTimersByTimeAsync(LONGEST + PAUSE);
    expect(found()).toBe('missing');
    const calls = spans.mock.calls.length;
    await vi.advanceTimersByTimeAsync(10 * PAUSE);
    expect(spans).toHaveBeenCalledTimes(calls);
  });

  it('tells at once when it cannot look', async () => {
    spans.mockReturnValue(throwError(() => new Error('Jaeger is away')));
    search.start('abc');
    await vi.advanceTimersByTimeAsync(5 * PAUSE);
    expect(search.result()).toEqual({ state: 'failed', reason: 'Jaeger is away' });
    expect(spans).toHaveBeenCalledTimes(1);
  });

  it('forgets the trace before when another one is asked for', async () => {
    spans.mockImplementation((id: string) => of(id === 'new' ? [span('n')] : []));
    search.start('old');
    await vi.advanceTimersByTimeAsync(PAUSE / 2);
    search.start('new');
    await vi.advanceTimersByTimeAsync(5 * PAUSE);
    expect(found()).toEqual([1, true]);
    expect(spans.mock.calls.map(([id]) => id)).toEqual(['old', 'new']);
  });

  it('takes no notice of what is answered too late', async () => {
    const late = new Subject<Span[]>();
    spans.mockImplementation((id: string) => (id === 'new' ? of([span('n')]) : late));
    search.start('old');
    await vi.advanceTimersByTimeAsync(1);
    search.start('new');
    await vi.advanceTimersByTimeAsync(1);
    late.next([span('a'), span('b')]);
    await vi.advanceTimersByTimeAsync(1);
    expect(found()).toEqual([1, true]);
  });

  it('takes no notice of what fails too late', async () => {
    const late = new Subject<Span[]>();
    spans.mockImplementation((id: string) => (id === 'new' ? of([span('n')]) : late));
    search.start('old');
    await vi.advanceTimersByTimeAsync(1);
    search.start('new');
    await vi.advanceTimersByTimeAsync(1);
    late.error(new Error('Jaeger is away'));
    await vi.advanceTimersByTimeAsync(1);
    expect(found()).toEqual([1, true]);
  });

  it('ends with its page', async () => {
    spans.mockReturnValue(of([]));
    search.start('abc');
    await vi.advanceTimersByTimeAsync(1);
    search.ngOnDestroy();
    await vi.advanceTimersByTimeAsync(5 * PAUSE);
    expect(spans).toHaveBeenCalledTimes(1);
  });
});
