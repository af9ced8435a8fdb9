import { NgxLoggerLevel } from 'ngx-logger';
import { Greeting } from '../app/greeting/greetings';
import { Exchange } from '../app/greeting/greeting-service';
import { Settings, Workload } from '../app/settings/settings';

/** A workload of the platform in tests. */
export function workload(
  name: string,
  title: string,
  calls: readonly string[] = [],
  queues: Partial<Workload> = {},
): Workload {
  return { name, title, calls, publishes: '', consumes: '', ...queues };
}

/** A gateway, A that calls B and C, B that publishes to a queue, and D that consumes from it. */
export const WORKLOADS: readonly Workload[] = [
  workload('gateway', 'Gateway', ['a']),
  workload('a', 'Service A', ['b', 'c']),
  workload('b', 'Service B', [], { publishes: 'letters' }),
  workload('c', 'Service C'),
  workload('d', 'Service D', [], { consumes: 'letters' }),
];

export const SETTINGS_OF_TESTS: Settings = {
  apiBaseUrl: '',
  production: true,
  logLevel: NgxLoggerLevel.OFF,
  serverLogLevel: NgxLoggerLevel.OFF,
  serverLoggingUrl: '/logs',
  workloads: WORKLOADS,
  problem: '',
};

export function greeting(service: string, message = `Hello from ${service}`): Greeting {
  return { id: service, service, message, created: '2026-01-02T03:04:05.678Z', hostname: `${service}-pod` };
}

export function exchange(milliseconds: number, more: Partial<Exchange> = {}): Exchange {
  return {
    ids: { traceId: '1'.repeat(32), spanId: '2'.repeat(16), requestId: '3' },
    asked: new Date('2026-01-02T03:04:05Z'),
    milliseconds,
    greetings: [],
    failure: undefined,
    ...more,
  };
}

export const FAILURE = {
  meaning: 'A service cannot be reached.',
  advice: 'Ask again.',
  detail: 'service-b is away',
  status: { code: 14, name: 'UNAVAILABLE', meaning: '', advice: '' },
  told: true,
  http: 503,
};
