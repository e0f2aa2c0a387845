// Builds dist/: one small CommonJS file for every start, and one file for each dynamic import, loaded when used.
// Start-up is what people feel, so what a start does not need must not even be parsed.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const out = join(root, 'dist');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const releaseDate =
  /^## \S+ - (\d{4}-\d\d-\d\d)/m.exec(readFileSync(join(root, 'CHANGELOG.md'), 'utf8'))?.[1] ?? '';

// Parts of libraries that Postern never calls. Of conf: schemas, migrations, watching, default folders,
// encryption, the exit hook; of otplib: every hash but SHA-1.
const unused =
  /^(ajv(\/.*)?|ajv-formats|semver|debounce-fn|env-paths|uint8array-extras|when-exit|@noble\/hashes\/sha2\.js)$/;

// Parts of Node that cost milliseconds to load and that most runs never call: loaded at their first call.
const lazyBuiltins = {
  child_process: ['spawn', 'spawnSync'],
  crypto: ['createHash', 'createHmac', 'pbkdf2Sync', 'randomBytes', 'randomInt', 'timingSafeEqual'],
  tty: ['isatty'],
};
const lazyBuiltin = new RegExp(`^(node:)?(${Object.keys(lazyBuiltins).join('|')})$`);

// otplib's own base32, which is not used: it gets its secrets as bytes.
const replaced = /^@otplib\/plugin-base32-scure$/;

const entries = new Map([
  [join(root, 'src/main.ts'), 'postern'],
  [join(root, 'src/pam/main.ts'), 'pam-main'],
]);
const packages = new Map();

const lazyFiles = (ofLibrary) => ({
  name: 'lazy-files',
  setup(plugin) {
    plugin.onResolve({ filter: unused }, ({ path }) => ({ path, namespace: 'unused' }));
    plugin.onLoad({ filter: /.*/, namespace: 'unused' }, ({ path }) => ({
      contents: `const refuse = () => { throw new Error(${JSON.stringify(`${path} is not bundled`)}); };
        module.exports = ${path === 'when-exit' ? '() => {}' : 'refuse'}; module.exports.default = module.exports; module.exports.Ajv2020 = refuse;`,
    }));
    plugin.onResolve({ filter: replaced }, ({ path }) => ({ path, namespace: 'replaced' }));
    plugin.onLoad({ filter: /.*/, namespace: 'replaced' }, () => ({
      contents: 'export const base32 = undefined; export class ScureBase32Plugin {}',
    }));
    // A default import of one of Node's modules would copy all of its exports, one by one, at every start.
    plugin.onResolve({ filter: /^node:(fs|path|process)$/ }, ({ path, importer }) =>
      /node_modules.(conf|atomically|stubborn-fs)./.test(importer)
        ? { path, namespace: 'whole-builtin' }
        : undefined,
    );
    plugin.onLoad({ filter: /.*/, namespace: 'whole-builtin' }, ({ path }) => ({
      contents: `const whole = require(${JSON.stringify(path)}); export default whole; export const { createWriteStream } = whole;`,
    }));
    plugin.onResolve({ filter: /.*/, namespace: 'whole-builtin' }, ({ path }) => ({ path, external: true }));
    // It makes promises of a dozen functions when it is loaded; conf comes to one of them where a write has failed.
    plugin.onResolve({ filter: /^node:util$/ }, ({ path, importer }) =>
      /node_modules.stubborn-fs./.test(importer) ? { path, namespace: 'late-promises' } : undefined,
    );
    plugin.onResolve({ filter: /.*/, namespace: 'late-promises' }, ({ path }) => ({ path, external: true }));
    plugin.onLoad({ filter: /.*/, namespace: 'late-promises' }, () => ({
      contents: `export const promisify = (call) => (...args) => require('node:util').promisify(call)(...args);`,
    }));
    // Postern's questions have no colours (platform/prompter.ts), and Node 18 cannot make them.
    plugin.onResolve({ filter: /^node:util$/ }, ({ path, importer }) =>
      /node_modules.@inquirer./.test(importer) ? { path, namespace: 'no-colours' } : undefined,
    );
    plugin.onResolve({ filter: /.*/, namespace: 'no-colours' }, ({ path }) => ({ path, external: true }));
    plugin.onLoad({ filter: /.*/, namespace: 'no-colours' }, () => ({
      contents: `export { stripVTControlCharacters } from 'node:util'; export const styleText = (_, text) => text;`,
    }));
    // conf compares with it what it has read and what it would write; Node's own loads a stream to be ready to fail.
    plugin.onResolve({ filter: /^node:assert$/ }, ({ path }) => ({ path, namespace: 'small-assert' }));
    plugin.onLoad({ filter: /.*/, namespace: 'small-assert' }, () => ({
      contents: `export default {
        deepEqual(a, b) { if (JSON.stringify(a) !== JSON.stringify(b)) throw new Error('not equal'); }
      };`,
    }));
    // A library that is loaded when it is used may load what it likes.
    if (!ofLibrary) {
      plugin.onResolve({ filter: lazyBuiltin }, ({ path, namespace }) =>
        namespace === 'lazy-builtin'
          ? { path, external: true }
          : { path: path.replace('node:', ''), namespace: 'lazy-builtin' },
      );
    }
    plugin.onLoad({ filter: /.*/, namespace: 'lazy-builtin' }, ({ path }) => ({
      contents: wrapBuiltin(path),
    }));
    plugin.onResolve({ filter: /.*/ }, async (args) => {
      if (args.kind !== 'dynamic-import' || args.path.startsWith('node:') || args.pluginData === 'seen')
        return undefined;
      const found = await plugin.resolve(args.path, {
        kind: 'import-statement',
        importer: args.importer,
        resolveDir: args.resolveDir,
        pluginData: 'seen',
      });
      if (found.errors.length > 0) return { errors: found.errors };
      if (!entries.has(found.path)) entries.set(found.path, nameEntry(found.path, args.path));
      return { path: `./${entries.get(found.path)}.cjs`, external: true };
    });
  },
});

function wrapBuiltin(name) {
  return [
    `const load = () => require('node:${name}');`,
    'export default new Proxy({}, { get: (_, key) => load()[key] });',
    ...lazyBuiltins[name].map((key) => `export function ${key}(...args) { return load().${key}(...args); }`),
  ].join('\n');
}

function nameEntry(path, specifier) {
  const own = relative(join(root, 'src'), path);
  const name = own.startsWith('..')
    ? `lib-${specifier.replace(/[@/]/g, '-')}`
    : own.replace(/\.ts$/, '').replaceAll('/', '-');
  return name.replace(/^-+/, '');
}

mkdirSync(out, { recursive: true });
for (const file of readdirSync(out)) if (file.includes('.cache')) rmSync(join(out, file));
const done = new Set();
while (done.size < entries.size) {
  for (const [path, name] of [...entries]) {
    if (done.has(path)) continue;
    done.add(path);
    const { metafile } = await build({
      entryPoints: [path],
      outfile: join(out, `${name}.cjs`),
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'node18.19',
      minify: true,
      keepNames: false,
      legalComments: 'none',
      // bin/postern.js runs each file as a script that is a function: what V8 compiles of one can be kept.
      banner: { js: '(function (exports, require, module, __filename, __dirname) {' },
      footer: { js: '})' },
      metafile: true,
      define: { POSTERN_VERSION: JSON.stringify(version), POSTERN_DATE: JSON.stringify(releaseDate) },
      // A literal that nothing uses is dropped; as `new RegExp` it would be compiled at every start.
      supported: { 'dynamic-import': false, 'regexp-unicode-property-escapes': true },
      plugins: [lazyFiles(name.startsWith('lib-'))],
      logLevel: 'warning',
    });
    for (const input of Object.keys(metafile.inputs)) notePackage(input);
  }
}
writeLicences();
// Last, so that a program that is running still finds its files.
for (const file of readdirSync(out)) {
  if (file.endsWith('.cjs') && ![...entries.values()].includes(file.slice(0, -'.cjs'.length)))
    rmSync(join(out, file));
}

keepCompiled();

function notePackage(input) {
  const match = /^.*node_modules\/(@[^/]+\/[^/]+|[^/@][^/]*)/.exec(input);
  if (match) packages.set(match[1], join(root, match[0]));
}

/** A change of the settings, once: at its end bin/postern.js keeps what V8 compiled, which later runs need not do. */
function keepCompiled() {
  const state = join(out, 'state');
  const words = ['--state-dir', state, 'auth', 'two_factor', 'update', 'window=2'];
  const { NODE_OPTIONS: _, ...env } = process.env;
  spawnSync(process.execPath, [join(root, 'bin', 'postern.js'), ...words], { stdio: 'ignore', env });
  rmSync(state, { recursive: true, force: true });
}

/** The bundle carries other people's work: their licences go with it. */
function writeLicences() {
  const parts = [...packages].sort().map(([name, folder]) => {
    const { license, version: packageVersion } = JSON.parse(
      readFileSync(join(folder, 'package.json'), 'utf8'),
    );
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file ? readFileSync(join(folder, file), 'utf8').trim() : `Licence: ${license}`;
    return `${name} ${packageVersion} (${license})\n\n${text}\n`;
  });
  writeFileSync(join(out, 'third-party-licences.txt'), parts.join(`\n${'-'.repeat(80)}\n\n`));
}

if (process.argv.includes('--list'))
  console.log([...entries.values()].map((name) => basename(name)).join('\n'));
