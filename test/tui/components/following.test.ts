// What is drawn again when a part of the state changes: what shows that part, and nothing else. Each text that is drawn is
// adapted to the terminal first.
import { movePeers } from '../../../tui/views/peers/peers-state.ts';
import '../../fixture/production.ts';
import { PassThrough } from 'node:stream';
import test, { type ExecutionContext } from 'ava';
import { render } from 'ink';
import { createElement } from 'react';
import type { Host, HostsPage } from '../../../shared/ipc/contract.ts';
import { preparePen } from '../../../tui/charts/pen.ts';
import {
  type ConsoleAction,
  type ConsoleStore,
  firstState,
  reduceConsole,
} from '../../../tui/console/console-state.ts';
import { Drawn } from '../../../tui/frame/console.tsx';
import { createStore, type ViewName, viewNames } from '../../../tui/state/common-state.ts';
import { createTheme, unpainted } from '../../../tui/theme.ts';
import { applyPage, type Want } from '../../../tui/views/hosts/hosts-state.ts';
import { fixedSnapshot } from '../fixture-data.ts';

preparePen();

interface Console {
  store: ConsoleStore;
  /** What is drawn for that action, without styles. */
  drawnFor(action: ConsoleAction): Promise<string[]>;
}

async function drawn(t: ExecutionContext, view: ViewName): Promise<Console> {
  const size = { columns: 120, rows: 40 };
  const store = createStore(firstState({ size, view, readOnly: false, now: 0 }), reduceConsole);
  store.dispatch({ type: 'snapshot', snapshot: fixedSnapshot(), now: 0 });
  const texts: string[] = [];
  const adapt = (text: string) => {
    texts.push(unpainted(text));
    return text;
  };
  const stdout = Object.assign(new PassThrough().resume(), size) as unknown as NodeJS.WriteStream;
  const ink = render(createElement(Drawn, { store, theme: createTheme(), adapt }), {
    ...{ stdout, interactive: true, debug: true, concurrent: true, patchConsole: false },
  });
  t.teardown(() => ink.unmount());
  const settled = async () => {
    for (let round = 0; round < 3; round++) await ink.waitUntilRenderFlush();
  };
  await settled();
  return {
    store,
    drawnFor: async (action) => {
      texts.length = 0;
      store.dispatch(action);
      await settled();
      return [...texts];
    },
  };
}

for (const view of viewNames)
  test(`following › what ${view} does not show leaves it as it is`, async (t) => {
    const { drawnFor, store } = await drawn(t, view);
    const notice = { tone: 'good', text: 'copied 1 address' } as const;
    t.deepEqual(await drawnFor({ type: 'notice', notice }), [' copied 1 address']);
    if (view !== 'log')
      t.deepEqual(
        await drawnFor({ type: 'log', change: (log) => ({ ...log, isWrapped: !log.isWrapped }) }),
        [],
      );
    if (view !== 'config')
      t.deepEqual(
        await drawnFor({ type: 'config', change: (config) => ({ ...config, failure: 'gone' }) }),
        [],
      );
    if (view !== 'peers') {
      const { peers } = store.get();
      await drawnFor({ type: 'peers', change: (_, state) => movePeers(state, { by: 1 }) });
      t.not(store.get().peers, peers);
      t.deepEqual(
        await drawnFor({ type: 'peers', change: (_, state) => movePeers(state, { by: -1 }) }),
        [],
      );
    }
  });

test('following › a second that changes no figure draws nothing', async (t) => {
  const { drawnFor, store } = await drawn(t, 'overview');
  t.deepEqual(await drawnFor({ type: 'tick', now: 1_000 }), []);
  t.is(store.get().now, 1_000);
});

test('following › a second that changes no key leaves the help as it is', async (t) => {
  const { drawnFor } = await drawn(t, 'hosts');
  const prompt = { kind: 'help', text: '', top: 0 } as const;
  t.true((await drawnFor({ type: 'prompt', prompt })).length > 0);
  const drawnLater = await drawnFor({ type: 'tick', now: 1_000 });
  t.deepEqual(drawnLater, []);
});

const hostNumber = (index: number): Host => ({
  ...{
    address: `192.0.2.${index}:4000`,
    nodeId: `node-${index}`,
    state: 'live',
    dialect: 'native',
  },
  ...{ firstSeen: 0, lastSeen: 0 },
});

test('following › hosts beyond the screen draw nothing', async (t) => {
  const { drawnFor } = await drawn(t, 'hosts');
  const page = (from: number, rows: number): HostsPage => ({
    rows: Array.from({ length: rows }, (_, index) => hostNumber(from + index)),
    ...{ first: String(from), last: String(from + rows - 1), before: from },
    ...{ matched: 200, revision: from },
  });
  const take = (kind: 'query' | 'after', answer: HostsPage): ConsoleAction => ({
    type: 'hosts',
    change: (hosts) =>
      applyPage(hosts, { kind, generation: hosts.generation, query: {} } as Want, answer),
  });
  t.true((await drawnFor(take('query', page(0, 60)))).join('').includes('192.0.2.30:4000'));
  t.deepEqual(await drawnFor(take('after', page(60, 60))), []);
});
