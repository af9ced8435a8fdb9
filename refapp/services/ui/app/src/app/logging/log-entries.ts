import { Injectable, signal } from '@angular/core';
import { INGXLoggerMetadata, INGXLoggerMonitor, NgxLoggerLevel } from 'ngx-logger';
import { isRecord, text } from '../shared/json';

/** How many entries are kept. */
export const KEPT = 100;

export interface LogEntry {
  readonly number: number;
  readonly time: Date;
  readonly level: string;
  readonly message: string;
  readonly data: string;
  /** Empty where the entry is about no request. */
  readonly traceId: string;
}

/** The last log entries, the latest first. */
@Injectable({ providedIn: 'root' })
export class LogEntries implements INGXLoggerMonitor {
  private readonly entries = signal<readonly LogEntry[]>([]);
  private count = 0;

  readonly latest = this.entries.asReadonly();

  onLog(entry: INGXLoggerMetadata): void {
    const data: unknown = entry.additional?.[0];
    const added = {
      number: ++this.count,
      time: new Date(entry.timestamp ?? Date.now()),
      level: NgxLoggerLevel[entry.level],
      message: String(entry.message),
      data: data === undefined ? '' : JSON.stringify(data),
      traceId: isRecord(data) ? text(data['trace_id']) : '',
    };
    this.entries.update((entries) => [added, ...entries.slice(0, KEPT - 1)]);
  }

  clear(): void {
    this.entries.set([]);
  }
}
