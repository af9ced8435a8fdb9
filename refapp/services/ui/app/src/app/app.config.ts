import { provideHttpClient } from '@angular/common/http';
import { ApplicationConfig, provideBrowserGlobalErrorListeners } from '@angular/core';
import { provideLogging } from './logging/logging';
import { SETTINGS, Settings } from './settings/settings';

export function appConfig(settings: Settings): ApplicationConfig {
  return {
    providers: [
      provideBrowserGlobalErrorListeners(),
      provideHttpClient(),
      { provide: SETTINGS, useValue: settings },
      provideLogging(settings),
    ],
  };
}
