// Which of the test files to run, and which of them first. Those that start programs or name servers are end to
// end, which is told by what is in them; a title is looked for in the files that have its words.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { importsOf } from './fixture/source-text.ts';

/** What a program, a pseudo-terminal or a whole name server is started with. */
const starters = new Set(['node:child_process', '@lydell/node-pty', 'test/fixture/name-server.ts']);

/** Whole fleets in virtual time, which take as long as programs do. */
const simulations = 'test/sim/';

/**
 * The files that take longest, the longest first: those that start something from about five seconds of one core on,
 * the others from one second on, because they are not waited for while editing.
 */
export const longest = [
  'sim/random',
  'sim/nodes/nodes',
  'daemon/replication/fleet-nats',
  'daemon/expiry/sharing',
  'tui/soak',
  'tui/robot/printing',
  'tui/robot/full-screen',
  'daemon/workers/workers',
  'tui/frames',
  'demo/demo',
  'daemon/cli/run',
  'daemon/clients/datagram-flood',
  'daemon/replication/busy-fleet',
  'documents/sessions',
  'tui/robot/config',
  'daemon/store/rollback',
  'sim/replication',
  'tui/robot/peers',
  'daemon/log',
  'powercut/powercut',
  'daemon/monitoring/prometheus',
  'shared/node/library',
  'daemon/replication/bad-peers',
  'tui/robot/hosts-file',
  'daemon/clients/redirect-fleet',
  'sim/scenarios/scenarios',
  'tui/robot/fleet',
  'daemon/store/storm',
  'tui/robot/backup',
  'daemon/clients/backlog',
  'daemon/replication/fleet-transport',
  'tui/robot/log',
  'tui/frames-in-ascii',
  'daemon/store/shared-file',
  'daemon/monitoring/metrics',
  'tui/robot/backlog',
  'tui/contrast',
  'daemon/core/expiry/expiry-property',
  'daemon/replication/fleet-nats-faults',
  'daemon/store/schema',
  'daemon/workers/passing-on',
  'bench/soak',
  'daemon/replication/changing-fleet',
  'daemon/monitoring/alert-rules',
  'daemon/clients/dns-responder',
  'fuzz/fuzz',
  'tui/robot/looks',
  'sim/narrow-line',
  'daemon/store/store-error',
  'shared/node/with-ddnsd',
  'tui/robot/terminal-faults',
  'daemon/core/expiry/frozen-deletes',
  'shared/protocol/dns/dns-query',
  'daemon/net/secure-channel',
  'shared/node/ddns-node',
  'daemon/packaging/packaging',
  'daemon/ddnsd',
  'daemon/clients/redirect',
  'daemon/store/contacts',
  'daemon/clients/listener',
  'daemon/replication/slow-line',
  'shared/node/bad-input',
  'daemon/clients/datagram-load',
  'daemon/store/damage',
  'daemon/core/expiry/expiry',
  'tui/frames-in-256-colours',
  'tui/frames-read',
  'daemon/core/admission/redirect-fleet',
  'daemon/core/query/hosts-list',
  'daemon/core/dns/label-index',
  'daemon/core/expiry/suspects',
  'daemon/core/dns/zone',
  'daemon/clients/datagram-hosts',
  'daemon/store/host-store',
  'shared/protocol/native-replies',
  'tui/frames-without-colour',
  'shared/config/conf-file',
  'tui/text/columns',
  'daemon/core/dns/dns-limits',
  'shared/protocol/native-request-limits',
  'daemon/core/query/requests',
  'daemon/core/registry/registry-history',
  'daemon/core/registry/roster-feed',
  'daemon/core/query/sampling',
].map((name) => `test/${name}.test.`);

/** Runs the files whose tests wait for nothing. */
export const immediate = 'test/immediate.ts';

/** @returns where a file is in `longest`, before all for `immediate`; its length: nowhere */
export function rankOf(file: string): number {
  if (file.endsWith(immediate)) return -1;
  const at = longest.findIndex((name) => file.includes(name));
  return at === -1 ? longest.length : at;
}

/** The paths of all test files, from the top of the project. */
export function testFiles(): string[] {
  return globSync('test/**/*.test.{ts,tsx}').toSorted();
}

/**
 * Whether a test file starts programs or name servers, itself or by a fixture, runs a simulation, or is too long to
 * wait for while editing; `read` gives the text of a file. What the sources that it tests could start does not
 * count: that is for the test to ask for.
 */
export function isEndToEnd(file: string, read = textOf): boolean {
  if (file.startsWith(simulations) || rankOf(file) < longest.length) return true;
  const files = new Set([file]);
  for (const each of files)
    for (const name of importsOf(read(each))) {
      const target = normalize(join(dirname(each), name));
      if (starters.has(name) || starters.has(target)) return true;
      if (name.startsWith('.') && target.startsWith('test/')) files.add(target);
    }
  return false;
}

/**
 * Whether the tests of a file wait for nothing, so that they can follow those of other files in one process: to start
 * one takes longer than most of these tests.
 */
export function isImmediate(file: string, read = textOf): boolean {
  return !/\b(?:async|await|Promise)\b/.test(read(file)) && !isEndToEnd(file, read);
}

/** What to run so that `files` are: those that wait for nothing, of which it takes all, in one process. */
export function inProcesses(files: readonly string[]): string[] {
  const others = files.filter((file) => !isImmediate(file));
  return others.length === files.length ? others : [immediate, ...others];
}

/**
 * The files to look for a title in, or for a pattern with `*`: those that have it in their text; else, since a
 * title may be put together of pieces, those that have all its words; else all of `files`.
 */
export function filesWith(pattern: string, files: readonly string[], read = textOf): string[] {
  // What a title must not be says nothing of where to look.
  if (pattern.startsWith('!')) return [...files];
  const texts = files.map((file) => [file, read(file)] as const);
  for (const between of [/\*+/, /[\s*]+/]) {
    const pieces = pattern.split(between);
    const found = texts.filter(([, text]) => pieces.every((piece) => text.includes(piece)));
    if (found.length > 0) return found.map(([file]) => file);
  }
  return [...files];
}

/** Nothing for a file that is not there: a test may have an import in a string. */
function textOf(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}
