import { HttpErrorResponse } from '@angular/common/http';
import { TimeoutError } from 'rxjs';
import { failureOf } from './failure';
import { STATUSES } from './statuses';

describe('failureOf', () => {
  it('tells the status that the gateway tells', () => {
    const error = { code: 4, message: 'service-a: service-b: no answer in time', details: [] };
    const failure = failureOf(new HttpErrorResponse({ status: 504, error }));
    expect(failure).toMatchObject({ http: 504, told: true, detail: error.message });
    expect(failure.status).toMatchObject({ code: 4, name: 'DEADLINE_EXCEEDED' });
    expect(failure.meaning).toBe('The answer did not come in time.');
    expect(failure.advice).toContain('trace');
  });

  it.each([
    [503, 'UNAVAILABLE'],
    [429, 'UNAVAILABLE'],
    [404, 'UNIMPLEMENTED'],
    [403, 'PERMISSION_DENIED'],
    [418, 'UNKNOWN'],
  ])('concludes the status from HTTP %d, where Envoy answers by itself', (status, name) => {
    const failure = failureOf(new HttpErrorResponse({ status, error: ' upstream connect error ' }));
    expect(failure).toMatchObject({ told: false, http: status, detail: 'upstream connect error' });
    expect(failure.status?.name).toBe(name);
  });

  it('tells that nothing was answered', () => {
    expect(failureOf(new HttpErrorResponse({ status: 0, error: new ProgressEvent('error') }))).toMatchObject({
      http: 0,
      status: undefined,
      meaning: 'The platform cannot be reached.',
    });
    expect(failureOf(new TimeoutError())).toMatchObject({ http: 0, status: undefined });
  });

  it('tells that the answer is none of the API', () => {
    const html = { error: new SyntaxError('Unexpected token'), text: '<html>' };
    expect(failureOf(new HttpErrorResponse({ status: 200, error: html })).meaning).toContain(
      'not what the API promises',
    );
    expect(failureOf(new TypeError('the answer has no list of greetings')).detail).toBe(
      'the answer has no list of greetings',
    );
  });

  it('takes a code that is none for none', () => {
    expect(failureOf(new HttpErrorResponse({ status: 500, error: { code: 99, message: 7 } }))).toMatchObject({
      told: false,
      detail: '',
    });
  });

  it('cuts what the platform says', () => {
    expect(failureOf(new HttpErrorResponse({ status: 500, error: 'x'.repeat(5000) })).detail).toHaveLength(1000);
  });
});

it('has words and advice for each of the statuses', () => {
  expect(STATUSES).toHaveLength(17);
  expect(STATUSES[14]).toMatchObject({ code: 14, name: 'UNAVAILABLE' });
  for (const { code, meaning, advice } of STATUSES) {
    expect(meaning).toMatch(/\.$/);
    expect(code === 0 || /\.$/.test(advice)).toBe(true);
  }
});
