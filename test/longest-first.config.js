// ava's settings are those in package.json. For the whole suite also the order: what takes longest begins
// first, so that no core waits at the end for a file that began last.
import { readFileSync } from 'node:fs';

const { ava } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

/** Files of more than six seconds, the longest first. */
const longest = [
  'daemon/expiry/sharing',
  'sim/random',
  'tui/robot/full-screen',
  'daemon/workers/workers',
  'daemon/replication/bad-peers',
  'tui/robot/printing',
  'demo/demo',
  'daemon/cli/run',
  'daemon/clients/flood',
  'daemon/store/rollback',
  'tui/soak',
  'tui/robot/log',
  'sim/nodes/nodes',
  'tui/robot/peers',
  'tui/robot/config',
  'daemon/clients/redirect-fleet',
  'daemon/store/storm',
  'daemon/console/session',
  'tui/robot/overview',
  'daemon/core/expiry/expiry-property',
  'tui/robot/backlog',
  'daemon/workers/passing-on',
  'shared/node/with-ddnsd',
  'tui/robot/hosts',
  'documents/sessions',
  'shared/node/library',
  'tui/frames-in-ascii',
  'tui/robot/silent',
  'daemon/clients/stopping',
  'sim/replication',
  'tui/robot/looks',
  'tui/frames',
  'daemon/workers/backlog',
  'daemon/clients/redirect',
];

function rank(file) {
  const at = longest.findIndex((name) => file.includes(`/test/${name}.test.`));
  return at === -1 ? longest.length : at;
}

// biome-ignore lint/style/noDefaultExport: ava reads the default export.
export default {
  ...ava,
  sortTestFiles: (a, b) => rank(a) - rank(b) || (a < b ? -1 : 1),
};
