// Whole frames of every view with fixed data, at the two sizes that are promised to look good, with
// and without colours.
import '../../tui/ink-environment.ts';
import { EventEmitter } from 'node:events';
import test from 'ava';
import { render } from 'ink';
import { preparePen } from '../../tui/charts/pen.ts';
import { App } from '../../tui/frame/app.tsx';
import { StoreContext, ThemeContext } from '../../tui/frame/console-context.ts';
import { type ConsoleAction, firstState, reduceConsole } from '../../tui/state/console-state.ts';
import { createStore } from '../../tui/state/store.ts';
import { columnsOf } from '../../tui/text/columns.ts';
import { createTheme } from '../../tui/theme.ts';
import {
  type ConfigState,
  setReview,
  setSetting,
  setText,
  takeConfig,
  takeSaved,
} from '../../tui/views/config/config-state.ts';
import { validation } from '../../tui/views/config/validation.ts';
import { applyPage, wantedPage } from '../../tui/views/hosts/hosts-state.ts';
import { type ViewName, viewNames } from '../../tui/views/views.ts';
import {
  fixedCheck,
  fixedConfig,
  fixedConfText,
  fixedHosts,
  fixedNow,
  fixedPeers,
  fixedRedirects,
  fixedSamples,
  fixedSnapshot,
  fixedStatus,
  fixedTotals,
} from './fixture-data.ts';

interface FrameOptions {
  columns: number;
  rows: number;
  view: ViewName;
  noColour?: boolean;
  actions?: ConsoleAction[];
}

/** The lines of the console after `actions`, the first of which is the daemon's snapshot. */
async function frameOf(options: FrameOptions): Promise<string[]> {
  const { columns, rows, view, noColour = false, actions = [] } = options;
  await preparePen();
  const size = { columns, rows };
  const store = createStore(firstState({ size, view, readOnly: false, now: 0 }), reduceConsole);
  let frame = '';
  const stream = Object.assign(new EventEmitter(), {
    columns,
    rows,
    isTTY: false,
    write: (text: string) => {
      frame = text;
      return true;
    },
  }) as unknown as NodeJS.WriteStream;
  store.dispatch({ type: 'snapshot', snapshot: fixedSnapshot(), now: 0 });
  const ink = render(
    <StoreContext value={store}>
      <ThemeContext value={createTheme(noColour ? { NO_COLOR: '1' } : {})}>
        <App />
      </ThemeContext>
    </StoreContext>,
    { stdout: stream, debug: true, exitOnCtrlC: false, patchConsole: false },
  );
  // Effects tell the store how many rows fit, and only then the right page is asked for.
  await new Promise((resolve) => setImmediate(resolve));
  for (const action of [hostsPage, ...actions]) store.dispatch(action);
  await new Promise((resolve) => setImmediate(resolve));
  ink.unmount();
  return frame.split('\n');
}

const hostsPage: ConsoleAction = {
  type: 'hosts',
  change: (hosts) => {
    const want = wantedPage(hosts);
    const rows = fixedHosts(60);
    if (want === null) return hosts;
    return applyPage(hosts, want, {
      rows,
      first: 'first',
      last: 'last',
      matched: rows.length,
      before: 0,
      revision: 1,
    });
  },
};

const lost: ConsoleAction = {
  type: 'connection',
  change: { type: 'lost', now: 0, reason: 'the name server closed the connection', nextAt: 2_000 },
};

/** Less than a minute of samples, and nothing is deleted yet. */
const young: ConsoleAction = {
  type: 'snapshot',
  now: 0,
  snapshot: {
    ...fixedSnapshot({
      selfPreservation: {
        active: true,
        reason: 'starting',
        since: fixedNow - 41_000,
        overridden: false,
      },
    }),
    samples: fixedSamples(41),
  },
};

/** Three peers, one of them plain and one in trouble, and redirects while the backlog fills up. */
const fleet: ConsoleAction = {
  type: 'snapshot',
  now: 0,
  snapshot: {
    ...fixedSnapshot({
      peers: fixedPeers(),
      redirecting: { mode: 'load', to: null, since: fixedNow - 8_040_000, isLoaded: true },
      redirects: fixedTotals,
      expiry: { ...fixedStatus().expiry, servers: 2 },
    }),
    redirects: fixedRedirects(40),
  },
};

function sending(mode: 'drain' | 'chosen' | 'stopping'): ConsoleAction {
  const to = mode === 'chosen' ? '192.0.2.2:4524' : null;
  const redirecting = { mode, to, since: fixedNow - 320_000, isLoaded: false };
  const status = { redirecting };
  const delta = { at: fixedNow, status, samples: [], activity: [], redirects: [], dropped: 0 };
  return { type: 'delta', delta, now: 0 };
}

const configured: ConsoleAction = {
  type: 'config',
  change: (config) => takeConfig({ ...config, validation }, fixedConfig()),
};

function configWith(change: (config: ConfigState) => ConfigState): ConsoleAction {
  return { type: 'config', change };
}

const changed = configWith((config) =>
  setSetting(setSetting(setSetting(config, 'Backlog', '200'), 'Threads', null), 'Domain', '10'),
);

/** Escape characters as a visible sign, so that a difference can be read. */
function readable(lines: string[]): string[] {
  return lines.map((line) => line.replaceAll('\u001b', '␛'));
}

const sizes = [
  { columns: 80, rows: 24 },
  { columns: 200, rows: 50 },
];
const screens: { name: string; view: ViewName; actions?: ConsoleAction[] }[] = [
  { name: 'overview', view: 'overview' },
  { name: 'hosts', view: 'hosts' },
  {
    name: 'hosts with a question',
    view: 'hosts',
    actions: [
      { type: 'hosts', change: (hosts) => ({ ...hosts, detail: true }) },
      {
        type: 'prompt',
        prompt: {
          kind: 'confirm',
          text: 'rem',
          asked: { action: 'remove', address: '198.51.100.1:40000' },
        },
      },
    ],
  },
  { name: 'overview of a lost connection', view: 'overview', actions: [lost] },
  { name: 'overview of a server that just started', view: 'overview', actions: [young] },
  { name: 'peers', view: 'peers', actions: [fleet, { type: 'peers-move', move: { end: 'last' } }] },
  { name: 'peers of a server on its own', view: 'peers' },
  {
    name: 'peers with a question while everybody is sent to one',
    view: 'peers',
    actions: [
      fleet,
      sending('chosen'),
      { type: 'peers-move', move: { by: 1 } },
      {
        type: 'prompt',
        prompt: {
          kind: 'confirm',
          text: 'dra',
          asked: { action: 'send', address: '192.0.2.3:4524' },
        },
      },
    ],
  },
  {
    name: 'redirects',
    view: 'redirects',
    actions: [fleet, { type: 'redirects-scroll', move: { by: 3 } }],
  },
  { name: 'redirects of a draining server', view: 'redirects', actions: [fleet, sending('drain')] },
  { name: 'redirects of a server on its own', view: 'redirects' },
  {
    name: 'redirects of which none matches',
    view: 'redirects',
    actions: [
      fleet,
      { type: 'prompt', prompt: { kind: 'filter', text: 'legacy nobody', before: '' } },
    ],
  },
  {
    name: 'peers that match a filter',
    view: 'peers',
    actions: [fleet, { type: 'filter', text: 'plain' }],
  },
  {
    name: 'overview of a lost server with peers that was about to end',
    view: 'overview',
    actions: [fleet, sending('stopping'), lost],
  },
  { name: 'config', view: 'config', actions: [configured] },
  {
    name: 'config with changes that contradict each other',
    view: 'config',
    actions: [configured, changed, { type: 'config-move', move: { by: 4 } }],
  },
  {
    name: 'config while a wrong value is typed',
    view: 'config',
    actions: [
      configured,
      { type: 'config-move', move: { by: 5 } },
      { type: 'prompt', prompt: { kind: 'setting', name: 'Backlog', text: '99999', before: '50' } },
    ],
  },
  {
    name: 'config with a difference to save',
    view: 'config',
    actions: [
      configured,
      changed,
      configWith((config) => setReview(config, { kind: 'difference', check: fixedCheck() })),
    ],
  },
  {
    name: 'config with mistakes in the text',
    view: 'config',
    actions: [
      configured,
      configWith((config) => setText(config, `${fixedConfText}Prot=1\nTTL=1\u001b[2J\n`)),
      configWith((config) =>
        setReview(config, {
          kind: 'problems',
          problems: [
            {
              line: 10,
              name: 'Prot',
              value: '1',
              message: 'is not a setting; did you mean Port?',
              allowed: null,
            },
            {
              line: 11,
              name: 'TTL',
              value: '1\u001b[2J',
              message:
                'must be a number and a unit (s, m, h or d), 1s to 30d, for example 90s or 60m',
              allowed: '1s to 30d, as a number and s, m, h or d',
            },
          ],
        }),
      ),
    ],
  },
  {
    name: 'config that somebody else changed',
    view: 'config',
    actions: [
      configured,
      changed,
      configWith((config) => {
        const text = fixedConfText.replace('#TTL=60m', 'TTL=5m');
        const theirs = fixedConfig({ text, fingerprint: 'second' });
        return setReview(takeConfig(config, theirs), { kind: 'conflict' });
      }),
    ],
  },
  {
    name: 'config that was saved',
    view: 'config',
    actions: [
      configured,
      configWith((config) => {
        const { changed: now, waiting, warnings } = fixedCheck();
        const backup = '/etc/dynamo/DDNS/ddns.conf.bak';
        const after = fixedConfig({ fingerprint: 'second' });
        const saved = { outcome: 'saved' as const, backup, config: after, warnings };
        return takeSaved(config, { ...saved, changed: now, waiting });
      }),
    ],
  },
  {
    name: 'config that the daemon may not write',
    view: 'config',
    actions: [
      configWith((config) =>
        takeConfig(
          config,
          fixedConfig({
            unwritable:
              '/etc/dynamo/DDNS is read-only for ddnsd; with systemd, add it to ReadWritePaths, or edit the file as root and reload',
          }),
        ),
      ),
    ],
  },
  { name: 'help', view: 'hosts', actions: [{ type: 'help', open: true }] },
];

for (const size of sizes)
  for (const { name, view, actions } of screens)
    for (const noColour of [false, true])
      test(`frames › ${name} at ${size.rows}x${size.columns}${noColour ? ' without colour' : ''}`, async (t) => {
        const lines = await frameOf({ ...size, view, actions, noColour });
        t.is(lines.length, size.rows);
        for (const line of lines) t.true(columnsOf(line) <= size.columns, line);
        t.snapshot(readable(lines));
      });

test('frames › no size from the smallest to the largest leaves its window', async (t) => {
  for (const [columns, rows] of [
    [60, 20],
    [77, 24],
    [100, 30],
    [131, 37],
    [152, 43],
    [300, 80],
  ] as const)
    for (const view of viewNames) {
      const actions = [fleet, sending('drain'), configured, changed, lost];
      const lines = await frameOf({ columns, rows, view, actions });
      t.is(lines.length, rows, `${view} at ${rows}x${columns}`);
      for (const line of lines) t.true(columnsOf(line) <= columns, line);
      t.true(lines.at(-1)?.includes('quit'), `${view} at ${rows}x${columns}`);
    }
});

test('frames › a window that is too small is told politely', async (t) => {
  const lines = await frameOf({ columns: 40, rows: 10, view: 'overview' });
  t.true(lines.join('').includes('please give it 60×20'));
});
