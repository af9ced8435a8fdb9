import {
  EnvironmentProviders,
  importProvidersFrom,
  inject,
  makeEnvironmentProviders,
  provideAppInitializer,
} from '@angular/core';
import { LoggerModule, NGXLogger, TOKEN_LOGGER_SERVER_SERVICE } from 'ngx-logger';
import { Settings } from '../settings/settings';
import { LogEntries } from './log-entries';
import { LogPosts } from './log-posts';

/** ngx-logger as the settings want it: to the console, to the panel on the page and, if asked for, to the platform. */
export function provideLogging(settings: Settings): EnvironmentProviders {
  const { logLevel: level, serverLogLevel, serverLoggingUrl } = settings;
  return makeEnvironmentProviders([
    importProvidersFrom(
      LoggerModule.forRoot(
        // Names of hashed files, and columns in them, tell a reader of the console nothing.
        { level, serverLogLevel, serverLoggingUrl, disableFileDetails: true },
        { serverProvider: { provide: TOKEN_LOGGER_SERVER_SERVICE, useClass: LogPosts } },
      ),
    ),
    provideAppInitializer(() => inject(NGXLogger).registerMonitor(inject(LogEntries))),
  ]);
}
