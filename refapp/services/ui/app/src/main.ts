import { bootstrapApplication } from '@angular/platform-browser';
import { appConfig } from './app/app.config';
import { loadSettings } from './app/settings/load';
import { App } from './app/shell/app';

loadSettings()
  .then((settings) => bootstrapApplication(App, appConfig(settings)))
  .catch((error: unknown) => console.error(error));
