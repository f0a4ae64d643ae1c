// The folders are the architecture: which layer may import which, what the pure core may not touch,
// and how long a file may be. Each rule says why it is there, because whoever breaks it will ask.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import test from 'ava';
import { codeOf, importsOf } from './fixture/source-text.ts';

interface Layer {
  name: string;
  /** paths of its files */
  files: RegExp;
  /** the layers it may import, besides itself */
  below: readonly string[];
}

const underName = ['acceptors', 'net', 'store', 'ipc', 'turn', 'log', 'core', 'shared'];

/** The first that matches is a file's layer. */
const layers: readonly Layer[] = [
  { name: 'package.json', files: /^package\.json$/, below: [] },
  { name: 'shared', files: /^shared\//, below: ['package.json'] },
  { name: 'tui', files: /^tui\//, below: ['shared'] },
  { name: 'core', files: /^daemon\/core\//, below: ['shared'] },
  { name: 'turn', files: /^daemon\/turn\.ts$/, below: ['core', 'shared'] },
  { name: 'log', files: /^daemon\/log\.ts$/, below: ['shared'] },
  { name: 'net', files: /^daemon\/net\//, below: ['turn', 'core', 'shared'] },
  { name: 'acceptors', files: /^daemon\/acceptors\//, below: ['net', 'turn', 'core', 'shared'] },
  { name: 'store', files: /^daemon\/store\//, below: ['core', 'shared'] },
  { name: 'ipc', files: /^daemon\/ipc\//, below: ['core', 'shared'] },
  {
    name: 'ddnsd',
    files:
      /^daemon\/(ddnsd|run|init|init-questions|check|data-folder|file-places|service-user)\.ts$/,
    below: ['name-server', ...underName],
  },
  { name: 'name-server', files: /^daemon\/[^/]+\.ts$/, below: underName },
];

/** What the core may not name: with one of these it could not run on a virtual clock any more. */
const impure =
  /\b(Date\.now|new Date|Date\(|Math\.random|setTimeout|setInterval|setImmediate|queueMicrotask|await|async|Promise|process|performance|console|fetch|require)\b/g;

/** Where text is drawn, and what with. */
const textDrawer = 'tui/frame/lines.tsx';
const inkText = /<(Text|Transform|Static|Newline)\b/g;

/** The wall clock has one source: shared/wall-clock.ts. */
const wallClock = 'shared/wall-clock.ts';
const wallClockRead = /\b(?:Date\.now\b|new Date\(\s*\)|Date\(\s*\))/g;

/** What these do depends on how long something took, never on the time of day. */
const timeless = /^daemon\/(store|acceptors)\/|^daemon\/(turn|log|summary)\.ts$/;

const longestFile = 400;

/** What is wrong with one file, in sentences. */
function complaints(path: string, source: string): string[] {
  const layer = layers.find(({ files }) => files.test(path));
  if (layer === undefined)
    return [`${path} belongs to no layer: put it into a folder of test/architecture.test.ts`];
  const found: string[] = [];
  for (const name of importsOf(source)) {
    if (name.startsWith('.')) {
      const target = normalize(join(dirname(path), name));
      const other = layers.find(({ files }) => files.test(target));
      if (other !== layer && !layer.below.includes(other?.name ?? ''))
        found.push(
          `${path} imports ${target}: ${layer.name} may import ${[layer.name, ...layer.below].join(', ')} only, so that a lower layer can be understood, tested and replaced without the higher ones`,
        );
    } else if (layer.name === 'core') {
      found.push(
        `${path} imports ${name}: the core is pure and imports no package and nothing of node:, so that a whole fleet of it runs in one test on a virtual clock`,
      );
    }
  }
  const code = codeOf(source);
  if (layer.name === 'core')
    for (const [name] of code.matchAll(impure))
      found.push(
        `${path} uses ${name}: time, randomness and messages come into the core as arguments and effects go out, so that the same seed gives the same run`,
      );
  if (path !== wallClock && layer.name !== 'core')
    for (const [read] of code.matchAll(wallClockRead))
      found.push(
        `${path} uses ${read}: the wall clock is read in ${wallClock} only, and nothing is measured with it, because it may be set back a day; use performance.now() for intervals`,
      );
  for (const name of intervalsByWallClock(code))
    found.push(
      `${path} reckons with ${name}: the time of day jumps when the clock is set; use performance.now() for deadlines, retries and ages`,
    );
  if (timeless.test(path) && /\bwallNow\b/.test(code))
    found.push(
      `${path} asks for the time of day: its intervals are on the monotonic clock, and times that are stored come in as arguments`,
    );
  if (layer.name === 'tui' && path !== textDrawer)
    for (const [, name] of code.matchAll(inkText))
      found.push(
        `${path} uses Ink's ${name}: only what ${textDrawer} draws is put on the screen, because Ink takes ten times as long with text of its own`,
      );
  if (/^\s*export\s+default\b/m.test(code))
    found.push(`${path} has a default export: a thing has one name wherever it is used`);
  const lines = source.split('\n').length - 1;
  if (lines > longestFile)
    found.push(
      `${path} has ${lines} lines, more than ${longestFile}: it owns more than one concept, split it`,
    );
  return found;
}

/** Names of times of day, read in this code, that are subtracted from or compared with something. */
function intervalsByWallClock(code: string): string[] {
  const read = String.raw`wallNow\(\)`;
  const names = [...code.matchAll(/\b(?:const|let)\s+(\w+)\s*=\s*wallNow\(\)/g)].map(
    ([, name]) => String.raw`\b${name}\b`,
  );
  return [read, ...new Set(names)]
    .filter((name) =>
      new RegExp(String.raw`${name}\s*(?:-|<|>(?!\s*\{)|\+\s*\w)|(?:-|<|[^=]>)=?\s*${name}`).test(
        code,
      ),
    )
    .map((name) => name.replaceAll(/\\b|\\/g, ''));
}

const sources = ['daemon', 'shared', 'tui'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path))
    .map((path) => join(folder, path)),
);

test('architecture › every file keeps to its layer', (t) => {
  t.true(sources.length > 50);
  t.deepEqual(
    sources.flatMap((path) => complaints(path, readFileSync(path, 'utf8'))),
    [],
  );
});

test('architecture › what breaks a rule is found', (t) => {
  const about = (path: string, source: string) =>
    complaints(path, source).map((complaint) => complaint.split(':')[0]);
  t.deepEqual(
    about(
      'daemon/core/bad.ts',
      `// await in a comment, Date.now() too
import { connect } from 'node:net';
import type {
  Doorway,
} from '../net/doorway.ts';
export * from '../name-server.ts';
const fs = await import('node:fs');
const text = 'Date.now()' + /await'/.source + "Math.random";
const late = \`await \${Date.now()} \${\`\${Math.random()}\`} process\`;
setTimeout(() => {}, 1);
export default late;
`,
    ),
    [
      'daemon/core/bad.ts imports node',
      'daemon/core/bad.ts imports daemon/net/doorway.ts',
      'daemon/core/bad.ts imports daemon/name-server.ts',
      'daemon/core/bad.ts imports node',
      'daemon/core/bad.ts uses await',
      'daemon/core/bad.ts uses Date.now',
      'daemon/core/bad.ts uses Math.random',
      'daemon/core/bad.ts uses setTimeout',
      'daemon/core/bad.ts has a default export',
    ],
  );
  t.deepEqual(
    about('tui/views/bad.tsx', "import { Registry } from '../../daemon/core/registry.ts';"),
    ['tui/views/bad.tsx imports daemon/core/registry.ts'],
  );
  t.deepEqual(about('tui/views/bad.tsx', 'export const Bad = () => <Text>text</Text>;'), [
    "tui/views/bad.tsx uses Ink's Text",
  ]);
  t.deepEqual(about('shared/bad.ts', "import '../tui/console.ts';"), [
    'shared/bad.ts imports tui/console.ts',
  ]);
  t.deepEqual(about('daemon/net/bad.ts', "export { HostStore } from '../store/host-store.ts';"), [
    'daemon/net/bad.ts imports daemon/store/host-store.ts',
  ]);
  t.deepEqual(about('daemon/name-server.ts', "import { runDaemon } from './run.ts';"), [
    'daemon/name-server.ts imports daemon/run.ts',
  ]);
  t.deepEqual(about('daemon/new/thing.ts', ''), ['daemon/new/thing.ts belongs to no layer']);
  t.deepEqual(about('tui/long.ts', '\n'.repeat(401)), ['tui/long.ts has 401 lines, more than 400']);
});

test('architecture › an interval on the wall clock is found', (t) => {
  const about = (path: string, source: string) =>
    complaints(path, source).map((complaint) => complaint.split(':')[0]);
  t.deepEqual(about('daemon/a.ts', 'const at = Date.now();'), ['daemon/a.ts uses Date.now']);
  t.deepEqual(about('tui/a.ts', 'shown(new Date());'), ['tui/a.ts uses new Date()']);
  t.deepEqual(about('tui/a.ts', 'shown(new Date(at), "Date.now()");'), []);
  t.deepEqual(about('daemon/store/a.ts', 'retry(wallNow());'), [
    'daemon/store/a.ts asks for the time of day',
  ]);
  for (const interval of [
    'if (wallNow() - since > 1) go();',
    'const now = wallNow();\nif (now - since > 1) go();',
    'const now = wallNow();\nif (dueAt <= now) go();',
    'const dueAt = wallNow() + waitMs;',
  ])
    t.regex(
      about('daemon/a.ts', interval)[0] ?? '',
      /^daemon\/a\.ts reckons with (wallNow\(\)|now)$/,
    );
  t.deepEqual(about('daemon/a.ts', 'const now = wallNow();\ntell(now, () => now);'), []);
});

test('architecture › what keeps to the rules is not complained about', (t) => {
  t.deepEqual(
    complaints(
      'daemon/core/good.ts',
      `import { addressWords } from '../../shared/protocol/address.ts';
import { noRow } from './row-list.ts';
/* a process would await */
export const half = addressWords / 2 / noRow;
export const said = \`no process may await \${half}\`;
`,
    ),
    [],
  );
  t.deepEqual(
    complaints('daemon/run.ts', "import { startNameServer } from './name-server.ts';"),
    [],
  );
});

/** The files that are loaded with `path`, itself included, and the packages that they import. */
function loadedWith(path: string): { files: Set<string>; packages: Set<string> } {
  const files = new Set<string>([path]);
  const packages = new Set<string>();
  for (const file of files) {
    const source = readFileSync(file, 'utf8');
    const statements = source.matchAll(/^(?:import|export)\s(?!type\b)[^;]*?from '([^']+)';/gm);
    for (const [, name = ''] of statements)
      if (name.startsWith('.')) files.add(normalize(join(dirname(file), name)));
      else packages.add(name);
  }
  return { files, packages };
}

test('architecture › the screen is taken before Ink is loaded', (t) => {
  const { files, packages } = loadedWith('tui/full-screen.ts');
  t.true(files.has('tui/frame/shell.ts'));
  t.true(loadedWith('tui/frame/drawing.tsx').packages.has('ink'));
  for (const late of ['ink', 'react', 'blessed'])
    t.false(
      packages.has(late),
      `tui/full-screen.ts loads ${late}: the first frame would wait for it`,
    );
});
