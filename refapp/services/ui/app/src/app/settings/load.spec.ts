import { loadSettings } from './load';

describe('loadSettings', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('reads config.json anew', async () => {
    const fetched = vi.fn(async () => new Response('{"apiBaseUrl": "http://api.test"}'));
    vi.stubGlobal('fetch', fetched);
    expect((await loadSettings()).apiBaseUrl).toBe('http://api.test');
    expect(fetched).toHaveBeenCalledWith('config.json', { cache: 'no-store' });
  });

  it.each([
    ['an error', async () => new Response('', { status: 500 }), 'HTTP 500'],
    ['no answer', async () => Promise.reject(new Error('offline')), 'offline'],
    ['no JSON', async () => new Response('<html>'), 'JSON'],
  ])('goes on with defaults after %s, and says why', async (_, fetched, problem) => {
    vi.stubGlobal('fetch', fetched);
    const settings = await loadSettings();
    expect(settings.workloads).toEqual([]);
    expect(settings.problem).toContain(problem);
  });
});
