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

// `shared/base` is all of shared/ but the consoles' contract. The daemon has types of its own, and daemon/console
// translates, so that a change for consoles is no change of how requests are served.
const below = {
  core: ['shared/base', 'core/timing'],
  shell: ['shared/base', 'core', 'log', 'machine', 'group-commit', 'net'],
} as const;

const tuiBasics = ['shared', 'tui/theme', 'tui/text', 'tui/terminal', 'tui/input', 'tui/state'];
const viewBasics = [...tuiBasics, 'tui/daemon', 'tui/keys', 'tui/components', 'tui/charts'];

/** The console, from what knows nothing of it to the command line. */
const tuiLayers: readonly Layer[] = [
  // What the terminal can show, the theme that is chosen for it, and its colours.
  { name: 'tui/theme', files: /^tui\/(theme|look|abilities)\.ts$/, below: [] },
  // The daemon's data in words; the command line prints the same words as the screen shows.
  { name: 'tui/text', files: /^tui\/text\//, below: ['shared', 'tui/theme'] },
  // Frames and keys as bytes: nothing in these two knows what the console shows.
  { name: 'tui/terminal', files: /^tui\/terminal\//, below: ['tui/theme', 'tui/text'] },
  { name: 'tui/input', files: /^tui\/input\//, below: [] },
  // The state that all views have in common. A view extends it; it names no view's own state.
  { name: 'tui/state', files: /^tui\/state\//, below: ['shared', 'tui/theme', 'tui/text'] },
  // What the console asks of a name server, for views and for the command line alike.
  {
    name: 'tui/daemon',
    files: /^tui\/daemon\//,
    below: ['shared', 'tui/theme', 'tui/text', 'tui/state'],
  },
  // What a key binding is, generic in the state that it reads, so that a view can have keys of its own.
  { name: 'tui/keys', files: /^tui\/keys\//, below: ['shared', 'tui/text', 'tui/state'] },
  // What views are drawn with, and how they follow the store. The rest gets data as props.
  { name: 'tui/components', files: /^tui\/components\//, below: tuiBasics },
  { name: 'tui/charts', files: /^tui\/charts\//, below: [...tuiBasics, 'tui/components'] },
  // State, keys and components of one view; no view knows another, so that each can be read alone.
  ...['overview', 'hosts', 'peers', 'redirects', 'backlog', 'config', 'log', 'fleet'].map(
    (view) => ({
      name: `tui/views/${view}`,
      files: new RegExp(`^tui/views/${view}/`),
      below: viewBasics,
    }),
  ),
  // Puts the views together: the whole state, every key, the list under the pointer.
  { name: 'tui/console', files: /^tui\/console\//, below: [...viewBasics, 'tui/views'] },
  // The whole screen, drawn and read out.
  {
    name: 'tui/frame',
    files: /^tui\/frame\//,
    below: [...viewBasics, 'tui/views', 'tui/console', 'tui/reading'],
  },
  {
    name: 'tui/reading',
    files: /^tui\/reading\//,
    below: [...tuiBasics, 'tui/keys', 'tui/console'],
  },
  // The program on a terminal, and beside it the commands that print.
  {
    name: 'tui/app',
    files: /^tui\/app\//,
    below: [...viewBasics, 'tui/views', 'tui/console', 'tui/frame', 'tui/reading'],
  },
  { name: 'tui/cli', files: /^tui\/cli\//, below: ['shared', 'tui'] },
  { name: 'ddns-tui', files: /^tui\/ddns-tui\.ts$/, below: ['shared', 'tui'] },
];

/**
 * The first that matches is a file's layer. A layer named as being below stands for all layers that begin with
 * its name: `core` for every room of the core.
 */
const layers: readonly Layer[] = [
  { name: 'package.json', files: /^package\.json$/, below: [] },
  { name: 'shared/ipc', files: /^shared\/ipc\//, below: ['shared/base'] },
  { name: 'shared/base', files: /^shared\//, below: ['package.json'] },
  ...tuiLayers,
  { name: 'core/timing', files: /^daemon\/core\/timing\//, below: [] },
  { name: 'core/stats', files: /^daemon\/core\/stats\//, below: below.core },
  { name: 'core/registry', files: /^daemon\/core\/registry\//, below: below.core },
  {
    name: 'core/hosts-page',
    files: /^daemon\/core\/hosts-page\//,
    below: [...below.core, 'core/registry', 'core/expiry'],
  },
  {
    name: 'core/expiry',
    files: /^daemon\/core\/expiry\//,
    below: [...below.core, 'core/registry'],
  },
  {
    name: 'core/query',
    files: /^daemon\/core\/query\//,
    below: [...below.core, 'core/stats', 'core/registry', 'core/expiry'],
  },
  {
    name: 'core/sync',
    files: /^daemon\/core\/sync\//,
    below: [...below.core, 'core/stats', 'core/registry', 'core/expiry'],
  },
  // Links over a bus: it carries bytes, and knows nothing of hosts.
  { name: 'core/bus', files: /^daemon\/core\/bus\//, below: below.core },
  {
    name: 'core/admission',
    files: /^daemon\/core\/admission\//,
    below: [...below.core, 'core/stats', 'core/query', 'core/sync'],
  },
  {
    name: 'core/dns',
    files: /^daemon\/core\/dns\//,
    below: [...below.core, 'core/stats', 'core/registry'],
  },
  { name: 'log', files: /^daemon\/log\.ts$/, below: ['shared/base'] },
  { name: 'group-commit', files: /^daemon\/group-commit\.ts$/, below: ['core', 'shared/base'] },
  { name: 'machine', files: /^daemon\/machine\//, below: ['log', 'core', 'shared/base'] },
  { name: 'net', files: /^daemon\/net\//, below: ['log', 'core', 'shared/base'] },
  { name: 'clients', files: /^daemon\/clients\//, below: below.shell },
  {
    name: 'workers',
    files: /^daemon\/workers\//,
    below: [...below.shell, 'shared/ipc', 'clients'],
  },
  { name: 'replication', files: /^daemon\/replication\//, below: below.shell },
  { name: 'expiry', files: /^daemon\/expiry\//, below: below.shell },
  { name: 'store', files: /^daemon\/store\//, below: below.shell },
  {
    name: 'front-end',
    files: /^daemon\/front-end\.ts$/,
    below: [...below.shell, 'clients', 'workers', 'store'],
  },
  {
    name: 'console',
    files: /^daemon\/console\//,
    below: [
      ...below.shell,
      ...['shared/ipc', 'clients', 'front-end', 'replication', 'expiry', 'store'],
    ],
  },
  {
    name: 'monitoring',
    files: /^daemon\/monitoring\//,
    below: [...below.shell, 'shared/ipc', 'clients'],
  },
  {
    name: 'name-server',
    files: /^daemon\/(name-server|assembly|operator-news)\.ts$/,
    below: [
      ...below.shell,
      ...['shared/ipc', 'clients', 'workers', 'front-end', 'replication', 'expiry'],
      ...['store', 'console', 'monitoring'],
    ],
  },
  // Builds the Debian package, and its manual pages from the tables of daemon and console. Nothing imports it.
  { name: 'packaging', files: /^daemon\/packaging\//, below: ['shared/base', 'tui'] },
  {
    name: 'ddnsd',
    files: /^daemon\/(ddnsd\.ts|cli\/)/,
    // Restoring a backup is its own command, and uses the store as the name server does.
    below: [...below.shell, 'shared/ipc', 'store', 'name-server'],
  },
];

const isCore = (layer: Layer) => layer.name.startsWith('core/');

function isBelow(layer: Layer, other: Layer | undefined): boolean {
  return (
    other !== undefined &&
    layer.below.some((name) => other.name === name || other.name.startsWith(`${name}/`))
  );
}

/** What the core may not name: with one of these it could not run on a virtual clock any more. */
const impure =
  /\b(Date\.now|new Date|Date\(|Math\.random|setTimeout|setInterval|setImmediate|queueMicrotask|await|async|Promise|process|performance|console|fetch|require)\b/g;

/** The wall clock has one source: shared/wall-clock.ts. */
const wallClock = 'shared/wall-clock.ts';
const wallClockRead = /\b(?:Date\.now\b|new Date\(\s*\)|Date\(\s*\))/g;

/** What these do depends on how long something took, never on the time of day. */
const timeless = /^daemon\/(store|workers)\/|^daemon\/(group-commit|log)\.ts$/;

/** Node's own way of making a folder and those above it: shared/make-folders.ts says what is wrong with it. */
const endlessFolders = /\bmkdir(?:Sync)?\([^;]*\brecursive: true\b/;

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
      if (other !== layer && !isBelow(layer, other))
        found.push(
          `${path} imports ${target}: ${layer.name} may import ${[layer.name, ...layer.below].join(', ')} only, so that a lower layer can be understood, tested and replaced without the higher ones`,
        );
    } else if (isCore(layer)) {
      found.push(
        `${path} imports ${name}: the core is pure and imports no package and nothing of node:, so that a whole fleet of it runs in one test on a virtual clock`,
      );
    }
  }
  const code = codeOf(source);
  if (isCore(layer))
    for (const [name] of code.matchAll(impure))
      found.push(
        `${path} uses ${name}: time, randomness and messages come into the core as arguments and effects go out, so that the same seed gives the same run`,
      );
  if (path !== wallClock && !isCore(layer))
    for (const [read] of code.matchAll(wallClockRead))
      found.push(
        `${path} uses ${read}: the wall clock is read in ${wallClock} only, and nothing is measured with it, because it may be set back a day; use performance.now() for intervals`,
      );
  for (const name of intervalsByWallClock(code))
    found.push(
      `${path} calculates with ${name}: the time of day jumps when the clock is set; use performance.now() for deadlines, retries and ages`,
    );
  if (timeless.test(path) && /\bwallNow\b/.test(code))
    found.push(
      `${path} asks for the time of day: its intervals are on the monotonic clock, and times that are stored come in as arguments`,
    );
  if (endlessFolders.test(code) && !path.startsWith('daemon/packaging/'))
    found.push(
      `${path} makes folders as Node does: on a file system that takes none it never ends; use makeFolders() of shared/make-folders.ts`,
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

/**
 * The circles among files that import each other, each in alphabetical order: Tarjan's strongly connected
 * components (1972) of more than one file. `imports` gives the files that each one imports.
 */
function circlesOf(imports: ReadonlyMap<string, readonly string[]>): string[][] {
  const circles: string[][] = [];
  const numbers = new Map<string, number>();
  const path: string[] = [];
  const visit = (file: string): number => {
    const number = numbers.size;
    let low = number;
    numbers.set(file, number);
    path.push(file);
    for (const other of imports.get(file) ?? [])
      if (!numbers.has(other)) low = Math.min(low, visit(other));
      else if (path.includes(other)) low = Math.min(low, numbers.get(other) as number);
    if (low === number) {
      const component = path.splice(path.indexOf(file));
      if (component.length > 1) circles.push(component.toSorted());
    }
    return low;
  };
  for (const file of imports.keys()) if (!numbers.has(file)) visit(file);
  return circles;
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

test('architecture › no files import each other in a circle, not even for types', (t) => {
  const imports = new Map(
    sources.map((path) => [
      path,
      importsOf(readFileSync(path, 'utf8'))
        .filter((name) => name.startsWith('.'))
        .map((name) => normalize(join(dirname(path), name)))
        .filter((target) => sources.includes(target)),
    ]),
  );
  t.deepEqual(circlesOf(imports), []);
});

test('architecture › a circle is found, whichever file comes first', (t) => {
  const imports = new Map([
    ['a', ['b']],
    ['b', ['c', 'd']],
    ['c', ['b']],
    ['d', ['e']],
    ['e', []],
    ['f', ['g', 'a']],
    ['g', ['h']],
    ['h', ['f']],
  ]);
  t.deepEqual(circlesOf(imports), [
    ['b', 'c'],
    ['f', 'g', 'h'],
  ]);
});

/** What is wrong with a file, without the reasons. */
const about = (path: string, source: string) =>
  complaints(path, source).map((complaint) => complaint.split(':')[0]);

test('architecture › every breach of a rule is found', (t) => {
  t.deepEqual(
    about(
      'daemon/core/registry/bad.ts',
      `// await in a comment, Date.now() too
import { connect } from 'node:net';
import type {
  ConnectionManager,
} from '../../clients/connection-manager.ts';
import type { Status } from '../../../shared/ipc/contract.ts';
export * from '../../name-server.ts';
const fs = await import('node:fs');
const text = 'Date.now()' + /await'/.source + "Math.random";
const late = \`await \${Date.now()} \${\`\${Math.random()}\`} process\`;
setTimeout(() => {}, 1);
export default late;
`,
    ),
    [
      'imports node',
      'imports daemon/clients/connection-manager.ts',
      'imports shared/ipc/contract.ts',
      'imports daemon/name-server.ts',
      'imports node',
      ...['uses await', 'uses Date.now', 'uses Math.random', 'uses setTimeout'],
      'has a default export',
    ].map((complaint) => `daemon/core/registry/bad.ts ${complaint}`),
  );
  for (const [path, source, complaint] of [
    [
      'tui/views/hosts/bad.tsx',
      "import { Registry } from '../../../daemon/core/registry/registry.ts';",
      'imports daemon/core/registry/registry.ts',
    ],
    ['shared/bad.ts', "import '../tui/app/full-screen.ts';", 'imports tui/app/full-screen.ts'],
    ['tui/state/bad.ts', "import type { A } from '../console/a.ts';", 'imports tui/console/a.ts'],
    ['tui/views/log/bad.ts', "import { a } from '../hosts/a.ts';", 'imports tui/views/hosts/a.ts'],
    ['daemon/net/bad.ts', "export { A } from '../store/a.ts';", 'imports daemon/store/a.ts'],
    ['daemon/name-server.ts', "import { a } from './cli/run.ts';", 'imports daemon/cli/run.ts'],
    ['daemon/new/thing.ts', '', 'belongs to no layer'],
    ['tui/app/long.ts', '\n'.repeat(401), 'has 401 lines, more than 400'],
    [
      'daemon/cli/a.ts',
      'mkdirSync(dirname(path), { recursive: true });',
      'makes folders as Node does',
    ],
  ] as const)
    t.deepEqual(about(path, source), [`${path} ${complaint}`]);
});

test('architecture › an interval on the wall clock is found', (t) => {
  t.deepEqual(about('daemon/log.ts', 'const at = Date.now();'), ['daemon/log.ts uses Date.now']);
  t.deepEqual(about('tui/app/a.ts', 'shown(new Date());'), ['tui/app/a.ts uses new Date()']);
  t.deepEqual(about('tui/app/a.ts', 'shown(new Date(at), "Date.now()");'), []);
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
      about('daemon/net/a.ts', interval)[0] ?? '',
      /^daemon\/net\/a\.ts calculates with (wallNow\(\)|now)$/,
    );
  t.deepEqual(about('daemon/net/a.ts', 'const now = wallNow();\ntell(now, () => now);'), []);
});

test('architecture › code that keeps to the rules is accepted', (t) => {
  t.deepEqual(
    complaints(
      'daemon/core/registry/good.ts',
      `import { addressWords } from '../../../shared/protocol/address.ts';
import { noRow } from './row-list.ts';
/* a process would await */
export const half = addressWords / 2 / noRow;
export const said = \`no process may await \${half}\`;
`,
    ),
    [],
  );
  t.deepEqual(
    complaints('daemon/cli/run.ts', "import { startNameServer } from '../name-server.ts';"),
    [],
  );
});
