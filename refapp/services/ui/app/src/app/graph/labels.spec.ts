import { Edge } from './graph';
import { labelOf } from './labels';

const EDGE: Edge = { source: 'a', destination: 'b', protocol: 'grpc', rate: 3.2, failed: 0.015, p95: 12.3, mtls: true };

it('writes rate, errors and p95', () => {
  expect(labelOf(EDGE)).toEqual({ rate: '3.2/s', errors: '1.5 %', p95: '12 ms', mtls: 'yes' });
});

it('writes bytes for tcp', () => {
  expect(labelOf({ ...EDGE, protocol: 'tcp', rate: 1234, failed: 0, p95: undefined, mtls: undefined })).toEqual({
    rate: '1.2 kB/s',
    errors: '',
    p95: '',
    mtls: '',
  });
});
