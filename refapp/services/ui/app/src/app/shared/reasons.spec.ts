import { HttpErrorResponse } from '@angular/common/http';
import { reasonOf } from './reasons';

it.each([
  [new HttpErrorResponse({ status: 502, error: { message: 'Jaeger is away' } }), 'Jaeger is away'],
  [new HttpErrorResponse({ status: 500, error: 'oops' }), 'HTTP 500'],
  [new HttpErrorResponse({ status: 0, error: new ProgressEvent('error') }), 'the platform cannot be reached'],
  [new TypeError('the answer has no graph'), 'the answer has no graph'],
  ['text', 'text'],
])('tells why: %o', (error, reason) => expect(reasonOf(error)).toBe(reason));
