// Runs the unit tests, and says how many there were. What fails is told on stderr.
// usage: node scripts/test.mjs [OPTION...], such as --filter=greeting: those of the builder @angular/build:unit-test
import { architect } from './architect.mjs';

const { succeeded, said } = architect('refapp-ui:test', ...process.argv.slice(2));
console.log('unit tests:', /^ +Tests +(.*)$/m.exec(said)?.[1] ?? 'none came to its end');
if (!succeeded) process.exitCode = 1;
