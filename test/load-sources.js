// How tests load what they run. Node runs .ts by leaving out its types, but does not know JSX: esbuild
// compiles .tsx. It also bundles packages of hundreds of small files, which take longer to find and to
// read than most tests to run. All is kept in node_modules/.cache/ until its source changes, as is what
// Node compiles, for the programs that a test starts, too.
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire, enableCompileCache, registerHooks } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const require = createRequire(import.meta.url);
const modules = fileURLToPath(new URL('../node_modules/', import.meta.url));
const cache = join(modules, '.cache');
const keptFiles = join(cache, 'tsx');

process.env.NODE_COMPILE_CACHE ??= join(cache, 'compiled');
enableCompileCache(process.env.NODE_COMPILE_CACHE);

function compiled(path) {
  const source = readFileSync(path, 'utf8');
  const kept = join(keptFiles, createHash('sha1').update(path).update(source).digest('hex'));
  try {
    return readFileSync(kept, 'utf8');
  } catch {
    const { code } = require('esbuild').transformSync(source, {
      sourcefile: path,
      sourcemap: 'inline',
      loader: 'tsx',
      jsx: 'automatic',
    });
    mkdirSync(keptFiles, { recursive: true });
    // Another process may be at the same file.
    writeFileSync(`${kept}.${process.pid}`, code);
    renameSync(`${kept}.${process.pid}`, kept);
    return code;
  }
}

/** What is bundled. Of ava, which runs in the process of each test file: its main module, and what tests import. */
const bundled = [
  'ava/lib/worker/base.js',
  'ava/entrypoints/main.js',
  'ink/build/index.js',
  'zod/index.js',
];

const late = (name) => fileURLToPath(new URL(`../shared/build/late-${name}.js`, import.meta.url));
/** As in the programs. */
const [stringWidth, segmenter] = [late('string-width'), late('segmenter')];

/** The folder of the bundle, which is made anew after each installation and change. */
function bundle() {
  const changedMs = [
    ...[join(modules, '.package-lock.json'), stringWidth, segmenter, import.meta.filename],
  ].map((file) => statSync(file).mtimeMs);
  const kept = join(cache, `bundled-packages-${Math.floor(Math.max(...changedMs))}`);
  if (existsSync(kept)) return kept;
  const made = `${kept}.${process.pid}`;
  require('esbuild').buildSync({
    entryPoints: bundled.map((file) => join(modules, file)),
    alias: { 'string-width': stringWidth },
    define: { 'Intl.Segmenter': 'LateSegmenter' },
    inject: [segmenter],
    // Components and Ink have one React. Ink's developer tools are not installed.
    external: ['react', 'react-devtools-core'],
    outbase: modules,
    outdir: made,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    minifyWhitespace: true,
    minifySyntax: true,
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url), __filename = import.meta.filename;",
    },
  });
  try {
    renameSync(made, kept);
  } catch {
    // Another process made it meanwhile.
    rmSync(made, { recursive: true });
  }
  return kept;
}

/** Looked up once: what tests import of ava shares its state with the main module. */
let folder = null;

registerHooks({
  resolve(name, context, nextResolve) {
    // What is named in full needs no search, which takes as long as all else that Node does to import the sources.
    if (name.startsWith('node:')) return { url: name, format: 'builtin', shortCircuit: true };
    if (/^\..*\.tsx?$/.test(name))
      return {
        url: new URL(name, context.parentURL).href,
        format: 'module-typescript',
        shortCircuit: true,
      };
    const found = nextResolve(name, context);
    const file = bundled.find((path) => found.url.endsWith(`/node_modules/${path}`));
    if (file === undefined) return found;
    folder ??= bundle();
    return { ...found, url: pathToFileURL(join(folder, file)).href };
  },
  load: (url, context, nextLoad) =>
    url.endsWith('.tsx')
      ? { format: 'module', source: compiled(fileURLToPath(url)), shortCircuit: true }
      : nextLoad(url, context),
});
