import { InjectionToken } from '@angular/core';
import { NgxLoggerLevel } from 'ngx-logger';
import { isRecord, text, texts } from '../shared/json';

/** One deployment of the platform, and what it calls, publishes and consumes. */
export interface Workload {
  readonly name: string;
  readonly title: string;
  readonly calls: readonly string[];
  readonly publishes: string;
  readonly consumes: string;
}

/** What differs from deployment to deployment; the build is the same for all. */
export interface Settings {
  /** Origin of the API, without a slash at its end; empty when it is the page's own. */
  readonly apiBaseUrl: string;
  readonly production: boolean;
  readonly logLevel: NgxLoggerLevel;
  readonly serverLogLevel: NgxLoggerLevel;
  readonly serverLoggingUrl: string;
  readonly workloads: readonly Workload[];
  /** Why the settings could not be read and are the defaults; empty when they could. */
  readonly problem: string;
}

export const SETTINGS = new InjectionToken<Settings>('settings');

/**
 * The settings that a config.json describes.
 *
 * Without a level of its own the console shows DEBUG, in production INFO. What cannot be understood is taken for
 * production: debug entries are not for everybody.
 */
export function readSettings(data: unknown, problem = ''): Settings {
  const given = isRecord(data) ? data : {};
  const production = given['production'] !== false;
  const workloads = Array.isArray(given['workloads']) ? given['workloads'] : [];
  return {
    apiBaseUrl: text(given['apiBaseUrl']).replace(/\/+$/, ''),
    production,
    logLevel: level(given['logLevel'], production ? NgxLoggerLevel.INFO : NgxLoggerLevel.DEBUG),
    serverLogLevel: level(given['serverLogLevel'], NgxLoggerLevel.OFF),
    serverLoggingUrl: text(given['serverLoggingUrl']),
    workloads: workloads.filter(isRecord).map(workload),
    problem,
  };
}

function workload(given: Record<string, unknown>): Workload {
  const name = text(given['name']);
  return {
    name,
    title: text(given['title']) || name,
    calls: texts(given['calls']),
    publishes: text(given['publishes']),
    consumes: text(given['consumes']),
  };
}

function level(name: unknown, otherwise: NgxLoggerLevel): NgxLoggerLevel {
  const found = NgxLoggerLevel[text(name).toUpperCase() as keyof typeof NgxLoggerLevel];
  return typeof found === 'number' ? found : otherwise;
}
