// Builds the site into the directory that is given, or else into ../dist, which is committed.
// usage: node scripts/build.mjs [DIRECTORY]
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { app, architect } from './architect.mjs';

const built = join(app, 'out-tsc', 'site');
const site = resolve(process.argv[2] ?? join(app, '..', 'dist'));

function buildApplication() {
  if (!architect('refapp-ui:build:production').succeeded) process.exit(1);
  rmSync(join(built, 'prerendered-routes.json'), { force: true });
}

/** Copies what Swagger UI needs, with names that tell its contents, so that it can be kept by browsers for ever. */
function addSwagger() {
  const source = join(app, 'node_modules', 'swagger-ui-dist');
  const docs = join(built, 'docs');
  mkdirSync(docs, { recursive: true });
  let page = readFileSync(join(app, 'src', 'docs', 'index.html'), 'utf-8');
  for (const file of [
    join(source, 'swagger-ui-bundle.js'),
    join(source, 'swagger-ui.css'),
    join(app, 'src', 'docs', 'init.js'),
    join(app, 'src', 'docs', 'docs.css'),
  ]) {
    const contents = readFileSync(file, 'utf-8').replace(/\n?\/[/*]# sourceMappingURL=\S+(?: \*\/)?\s*$/, '\n');
    const [, name, suffix] = /([^/]+)\.(\w+)$/.exec(file);
    const hash = createHash('sha256').update(contents).digest('hex').slice(0, 8).toUpperCase();
    const integrity = createHash('sha384').update(contents).digest('base64');
    writeFileSync(join(docs, `${name}-${hash}.${suffix}`), contents);
    page = page.replace(`"${name}.${suffix}"`, `"${name}-${hash}.${suffix}" integrity="sha384-${integrity}"`);
  }
  writeFileSync(join(docs, 'index.html'), page);
}

/** The licence of what is copied and not bundled stands with those of the rest. */
function addLicences() {
  const source = join(app, 'node_modules', 'swagger-ui-dist');
  const { name, license } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf-8'));
  const rule = '-'.repeat(80);
  const texts = ['NOTICE', 'LICENSE'].map((file) => readFileSync(join(source, file), 'utf-8').trim());
  const listed = readFileSync(join(built, '3rdpartylicenses.txt'), 'utf-8').trimEnd();
  const bundled = readFileSync(join(source, 'swagger-ui-bundle.js.LICENSE.txt'), 'utf-8').trim();
  const added = [
    `Package: ${name}`,
    `License: "${license}"`,
    '',
    ...texts,
    '',
    'In its bundle:',
    '',
    bundled,
    rule,
    '',
  ].join('\n');
  writeFileSync(join(built, '3rdpartylicenses.txt'), `${listed}\n${added}`);
}

rmSync(built, { recursive: true, force: true });
buildApplication();
addSwagger();
addLicences();
rmSync(site, { recursive: true, force: true });
cpSync(built, site, { recursive: true });
