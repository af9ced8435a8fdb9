import { readSettings, Settings } from './settings';

/** Reads config.json; without it the page works with the defaults and says so. */
export async function loadSettings(): Promise<Settings> {
  try {
    const response = await fetch('config.json', { cache: 'no-store' });
    if (!response.ok) return readSettings({}, `HTTP ${response.status}`);
    return readSettings(await response.json());
  } catch (error) {
    return readSettings({}, error instanceof Error ? error.message : String(error));
  }
}
