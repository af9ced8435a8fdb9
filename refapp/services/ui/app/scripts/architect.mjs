// Angular's builder, of which the command line tool would only be a wrapper.
import { spawnSync } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const app = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/**
 * Runs a target of angular.json. Warnings and errors appear on stderr; the rest, which would clear the screen and list
 * all files, is returned.
 */
export function architect(target, ...options) {
  const { status, stdout, error } = spawnSync(join(app, 'node_modules', '.bin', 'architect'), [target, ...options], {
    cwd: app,
    encoding: 'utf-8',
    env: { ...process.env, CI: 'true', NG_CLI_ANALYTICS: 'false', NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (error) throw error;
  return { succeeded: status === 0, said: stdout };
}
