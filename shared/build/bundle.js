// Bundles the programs into dist/programs/, or below the folder named on the command line, the console and the demo into
// one file each. Bundling halves the start-up of the console (one file to read instead of some hundred) and leaves three
// dependencies in an installed package: better-sqlite3 (a native addon), and blessed with blessed-contrib (they require
// their files by computed names).
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { changedInk } from './changed-ink.js';
import { commitOf } from './commit.js';
import { awaitedProgram, runText } from './compile-cache.js';
import { habitualSignals } from './habitual-signals.js';
import { neededNode, tooOld } from './needed-node.cjs';
import { reactOnce } from './react-once.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const outdir = resolve(root, process.argv[2] ?? 'dist');
const commit = commitOf(root);

/**
 * Modules of Node that take long to load are loaded when something in them is used. esbuild copies what a module has of its
 * own, and hands on what it inherits: so this one has nothing and inherits all.
 */
const lateModules = {
  name: 'late-modules',
  setup(pipeline) {
    pipeline.onResolve(
      { filter: /^(node:)?(child_process|crypto|fs\/promises|readline\/promises)$/ },
      ({ path }) => ({ path: path.replace(/^node:/, ''), namespace: 'late' }),
    );
    pipeline.onLoad({ filter: /.*/, namespace: 'late' }, ({ path }) => ({
      contents: `module.exports = Object.create(new Proxy({}, { get: (_, name) => __n('node:${path}')[name] }));`,
    }));
  },
};

/**
 * Modules of Node are taken as they are. An import asks them for all that they export, and so loads what they themselves
 * load only when it is used. The code keeps its length, and its source map is still right.
 */
function withoutNamespaces(code) {
  return code.replace(
    /\bimport ?(?:([\w$]+),?)? ?(?:\{([^}]*)\}|\*as ([\w$]+))? ?from("node:[\w/]+")/g,
    (imported, first, parts, all, name) => {
      const whole = first ?? all;
      const named = parts && `{${parts.replaceAll(' as ', ':')}}`;
      const from = `__n(${name})`;
      const taken = whole
        ? `var ${whole}=${from}${named ? `,${named}=${whole}` : ''}`
        : `var${named}=${from}`;
      return taken.padEnd(imported.length);
    },
  );
}

/**
 * The file that is started. It checks Node's version before it loads anything that an older Node cannot run or parse,
 * so it is written in a syntax that every Node knows. Before that it handles the signals that must not end the program,
 * not even while it loads; a system without one of them refuses the handler.
 */
function starter(program, code) {
  const [major, minor] = neededNode.split('.');
  const hash = createHash('sha256').update(code).digest('hex').slice(0, 16);
  const said = JSON.stringify(tooOld(program, 'RUNNING')).replace('RUNNING', '" + running + "');
  return [
    '#!/usr/bin/env node',
    'function ignore() {}',
    `var signals = ${JSON.stringify(habitualSignals(program))};`,
    'for (var i = 0; i < signals.length; i++) try { process.on(signals[i], ignore); } catch (error) {}',
    'var running = process.versions.node;',
    'var parts = running.split(".").map(Number);',
    `if (parts[0] > ${major} || (parts[0] === ${major} && parts[1] >= ${minor})) { ${runText(program, hash)} }`,
    `else { console.error(${said}); process.exitCode = 1; }`,
    '',
  ].join('\n');
}

/**
 * Bundles `sources` by name into `folder`/programs, and writes a starter for those in `started`.
 * @param isAwaited somebody waits for their first output; else what they need is loaded at the start, and costs nothing later
 */
async function bundle(folder, sources, started, isAwaited = false) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: sources,
    outdir: join(folder, 'programs'),
    bundle: true,
    // What is compiled of one script is kept in one file.
    splitting: !isAwaited,
    chunkNames: 'chunks/[name]-[hash]',
    platform: 'node',
    format: 'esm',
    target: `node${neededNode}`,
    jsx: 'automatic',
    external: ['better-sqlite3', 'blessed', 'blessed-contrib'],
    define: {
      // React's development build leaks performance entries.
      'process.env.NODE_ENV': '"production"',
      // Ink's layout engine would fetch itself from a data: address, for which Node loads its HTTP
      // client. Without fetch it decodes the same bytes directly, 50 ms sooner.
      fetch: 'undefined',
      'Intl.Segmenter': 'LateSegmenter',
      // For `--version` (shared/version.ts).
      builtFromCommit: commit === null ? 'undefined' : JSON.stringify(commit),
      ...(isAwaited ? { 'import.meta.url': 'programUrl' } : {}),
    },
    banner: {
      js: [
        'const __n = globalThis.process.getBuiltinModule;',
        // Only modules of Node are required of it. The author of a node may bundle the library to CommonJS, where there is
        // no import.meta.
        isAwaited
          ? 'const require = __n;'
          : "const require = __n('node:module').createRequire(import.meta.url ?? globalThis.process.execPath);",
      ].join('\n'),
    },
    alias: {
      'string-width': './shared/build/late-string-width.js',
    },
    plugins: isAwaited ? [changedInk, reactOnce, lateModules] : [changedInk, reactOnce],
    inject: ['./shared/build/late-segmenter.js'],
    // Half the size is half the time to compile.
    minifySyntax: true,
    minifyWhitespace: true,
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'none',
    // The starter reads bytes as characters.
    charset: 'ascii',
    logLevel: 'warning',
    write: false,
  });
  const written = new Map();
  for (const { path, text } of outputFiles) {
    const isRun = isAwaited && path.endsWith('.js');
    const code = isRun ? awaitedProgram(withoutNamespaces(text)) : text;
    written.set(path, code);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, code);
  }
  for (const program of started) {
    const code = written.get(join(folder, 'programs', `${program}.js`));
    await writeFile(join(folder, `${program}.js`), starter(program, code), { mode: 0o755 });
  }
}

/** Emits the types of the library without checking them, which `npm run types` does. */
function emitTypes(folder) {
  execFileSync(
    process.execPath,
    [
      join(root, 'node_modules', 'typescript', 'bin', 'tsc'),
      ...['--project', 'shared/build/library-types.json', '--outDir', join(folder, 'types')],
    ],
    { cwd: root, stdio: ['ignore', 2, 2] },
  );
}

/** Bundles the node's side as a package of its own: authors of nodes need neither SQLite nor a console. */
async function bundleLibrary(folder) {
  const { version, license, type, engines } = JSON.parse(
    await readFile(join(root, 'package.json'), 'utf8'),
  );
  await bundle(folder, { node: 'shared/node/node.ts', 'ddns-node': 'shared/node/ddns-node.ts' }, [
    'ddns-node',
  ]);
  const manifest = {
    name: 'dynamo-dns-node',
    version,
    description: 'A node of a Dynamo network: joins through name servers, keeps its list fresh',
    ...{ license, type, engines },
    bin: { 'ddns-node': 'ddns-node.js' },
    exports: { '.': { types: './types/node/node.d.ts', default: './programs/node.js' } },
  };
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  await copyFile(join(root, 'LICENSE'), join(folder, 'LICENSE'));
}

await rm(outdir, { recursive: true, force: true });
await bundle(
  outdir,
  {
    ddnsd: 'daemon/ddnsd.ts',
    'ddnsd-worker': 'daemon/workers/ddnsd-worker.ts',
    'ddns-node': 'shared/node/ddns-node.ts',
    // The package's export, for authors of nodes.
    node: 'shared/node/node.ts',
  },
  ['ddnsd', 'ddnsd-worker', 'ddns-node'],
);
await bundle(outdir, { 'ddns-tui': 'tui/ddns-tui.ts' }, ['ddns-tui'], true);
await bundle(outdir, { 'ddns-demo': 'test/demo/ddns-demo.ts' }, ['ddns-demo'], true);
emitTypes(outdir);
await bundleLibrary(join(outdir, 'library'));
await cp(join(outdir, 'types'), join(outdir, 'library', 'types'), { recursive: true });
await writeFile(join(outdir, '.built'), '');
