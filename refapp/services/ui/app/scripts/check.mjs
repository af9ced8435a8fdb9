// Fails unless the committed site is, byte for byte, what the sources build to.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const scripts = dirname(fileURLToPath(import.meta.url));
const committed = resolve(scripts, '..', '..', 'dist');

function filesIn(directory) {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .sort();
}

function differences(one, other) {
  const [ours, theirs] = [filesIn(one), filesIn(other)];
  const names = [...new Set([...ours, ...theirs])].sort();
  return names.filter((name) => {
    if (!ours.includes(name) || !theirs.includes(name)) return true;
    return !readFileSync(join(one, name)).equals(readFileSync(join(other, name)));
  });
}

const fresh = mkdtempSync(join(tmpdir(), 'refapp-ui-'));
try {
  const { status } = spawnSync(process.execPath, [join(scripts, 'build.mjs'), fresh], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error('the site cannot be built');
  const differing = differences(committed, fresh);
  if (differing.length)
    throw new Error(`dist is not what the sources build to: ${differing.join(', ')}; run npm run build`);
  console.log(`dist is what the sources build to: ${filesIn(fresh).length} files`);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(fresh, { recursive: true, force: true });
}
