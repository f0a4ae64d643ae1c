// `npm run bench [-- PART...]`: what ddnsd costs, and what others cost at equal work. Prints tables in
// Markdown and puts them into RESULTS.md.
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type ConsoleBuild, ownConsole } from './console/terminal.ts';
import { type Build, ownBuild } from './ddnsd-server.ts';
import { describeMachine } from './machine.ts';
import { consolePart } from './parts/console.ts';
import { consoleMemory } from './parts/console-memory.ts';
import { deltas } from './parts/deltas.ts';
import { dns } from './parts/dns.ts';
import { fleets } from './parts/fleets.ts';
import { flood } from './parts/flood.ts';
import { growth } from './parts/growth.ts';
import { idle } from './parts/idle.ts';
import { list } from './parts/list.ts';
import { million } from './parts/million.ts';
import type { Part } from './parts/part.ts';
import { peers } from './parts/peers.ts';
import { requests } from './parts/requests.ts';
import { soak } from './parts/soak.ts';
import { sync } from './parts/sync.ts';
import { threads } from './parts/threads.ts';
import { pin } from './pinning.ts';
import { profileInto, takeProfiles } from './profile.ts';
import { resultsFile, writeSection } from './results-file.ts';
import { markdownOf } from './table.ts';

const parts: readonly Part[] = [
  peers,
  requests,
  growth,
  deltas,
  list,
  million,
  idle,
  threads,
  sync,
  consolePart,
  consoleMemory,
  dns,
  flood,
  fleets,
  soak,
];

const help = `Usage: npm run bench -- [PART...] [options]

Measures on this machine, in rounds that alternate, and prints medians. Without PART: all but console-memory, dns, flood, fleets and soak.

${parts.map(({ name, about, minutes }) => `  ${name.padEnd(14)} ${about} (${minutes} min)`).join('\n')}

  --rounds N      rounds (3)
  --seconds N     of each measurement (2)
  --ddnsd NAME=FILE[@NODE]
                  the build of the daemon to measure, its name in the tables, and the Node that runs it;
                  several are measured in the same rounds (ddnsd=dist/ddnsd.js)
  --console NAME=DIR
                  a build of the console, its folder dist, to measure beside this one in the same run
  --minutes N     of the soak and of console-memory (20)
  --servers N,…   sizes of the fleets (3 to 64)
  --profile       say where ddnsd's time went, for each process; RESULTS.md stays as it is
  --no-pin        leave it to the system on which core server and load run
  --results FILE  where the tables go (test/bench/RESULTS.md); they are printed as well
  --help          this
`;

function fail(message: string): never {
  process.stderr.write(`${message}. Try: npm run bench -- --help\n`);
  process.exit(2);
}

function parse() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        rounds: { type: 'string', default: '3' },
        seconds: { type: 'string', default: '2' },
        minutes: { type: 'string', default: '20' },
        servers: { type: 'string' },
        ddnsd: { type: 'string', multiple: true, default: [] },
        console: { type: 'string', multiple: true, default: [] },
        profile: { type: 'boolean', default: false },
        'no-pin': { type: 'boolean', default: false },
        results: { type: 'string', default: resultsFile },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    return fail((error as Error).message);
  }
}

function number(name: string, text: string): number {
  const value = Number(text);
  if (!(value >= 1 && value <= 1_000)) fail(`--${name} ${text}: must be 1 to 1000`);
  return value;
}

function buildOf(text: string): Build {
  const [name = '', ...rest] = text.split('=');
  const [file = '', node = process.execPath] = rest
    .join('=')
    .split('@')
    .map((path) => resolve(path));
  if (rest.length === 0 || name === '') fail(`--ddnsd ${text}: must be NAME=FILE[@NODE]`);
  for (const path of [file, node])
    if (!existsSync(path)) fail(`--ddnsd ${text}: there is no file ${path}`);
  return { name, file, node };
}

function consoleOf(text: string): ConsoleBuild {
  const [name = '', ...rest] = text.split('=');
  const program = join(resolve(rest.join('=')), 'ddns-tui.js');
  if (rest.length === 0 || name === '') fail(`--console ${text}: must be NAME=DIR`);
  if (!existsSync(program)) fail(`--console ${text}: there is no file ${program}`);
  return { name, program };
}

const { values, positionals } = parse();
if (values.help) {
  process.stdout.write(help);
  process.exit(0);
}
for (const name of positionals)
  if (!parts.some((part) => part.name === name))
    fail(`${name}: must be one of ${parts.map((part) => part.name).join(', ')}`);
const named = values.ddnsd.map(buildOf);
const builds = named.length === 0 ? [ownBuild] : named;
const consoles = [...values.console.map(consoleOf), ownConsole];
const pace = {
  rounds: Math.floor(number('rounds', values.rounds)),
  seconds: Math.floor(number('seconds', values.seconds)),
};
const minutes = number('minutes', values.minutes);
const servers =
  values.servers?.split(',').map((text) => Math.floor(number('servers', text))) ?? null;
if (values.profile) profileInto(join(tmpdir(), `ddns-bench-profile-${process.pid}`));
const isPinned = !values['no-pin'] && pin();
for (const { name, about, measure, isOnce = false, isLong = false } of parts) {
  const isMeant = positionals.length === 0 ? !isLong : positionals.includes(name);
  if (!isMeant) continue;
  process.stderr.write(`${name}: ${about}\n`);
  const tables = await measure({ builds, consoles, minutes, servers, ...pace });
  const body = [
    about,
    '',
    describeMachine({
      isPinned: isPinned && !isOnce,
      isOwnBuild: named.length === 0 || isOnce,
      pace: isOnce ? null : pace,
    }),
    '',
    ...tables.map(markdownOf),
  ].join('\n');
  process.stdout.write(`\n## ${name}\n\n${body}`);
  const profiles = takeProfiles();
  for (const table of profiles) process.stdout.write(`${markdownOf(table)}\n`);
  // Being profiled costs.
  if (values.profile) continue;
  writeSection(
    values.results,
    { name, body },
    parts.map((part) => part.name),
  );
}
