// Which pages the console asks for while the operator types, with a name server that is slow to answer.
import test from 'ava';
import type { IpcClient } from '../../../../shared/ipc/client.ts';
import type { HostsPage, PageQuery } from '../../../../shared/ipc/contract.ts';
import { firstState, reduceConsole } from '../../../../tui/console/console-state.ts';
import { retryMs } from '../../../../tui/daemon/pacing.ts';
import { createStore } from '../../../../tui/state/common-state.ts';
import { createHostsControl } from '../../../../tui/views/hosts/hosts-control.ts';
import { fixedHosts, fixedSnapshot } from '../../fixture-data.ts';

interface Asked {
  query: PageQuery;
  signal: AbortSignal;
  answer(): void;
  fail(): void;
}

function pageOf(rows: number): HostsPage {
  const hosts = fixedHosts(rows);
  return { rows: hosts, first: 'a', last: 'b', matched: rows, before: 0, revision: 1 };
}

/** A console that shows Hosts, and a name server that answers when it is told to. */
function start() {
  const asked: Asked[] = [];
  let heard: () => void = () => {};
  const client = {
    page: (query: PageQuery, signal: AbortSignal) =>
      new Promise<HostsPage>((resolve, reject) => {
        const answer = () => resolve(pageOf(asked.length));
        asked.push({ query, signal, answer, fail: () => reject(new Error('no such page')) });
        signal.addEventListener('abort', () => reject(new Error('given up')));
        heard();
      }),
  } as unknown as IpcClient;
  const size = { columns: 80, rows: 24 };
  const store = createStore(
    firstState({ size, view: 'hosts', readOnly: false, now: 0 }),
    reduceConsole,
  );
  store.dispatch({ type: 'snapshot', snapshot: fixedSnapshot(), now: 0 });
  const control = createHostsControl(store, () => client);
  store.subscribe(control.pump);
  const next = () =>
    new Promise<void>((resolve) => {
      heard = resolve;
    });
  const until = (isSo: () => boolean) =>
    new Promise<void>((resolve) => {
      store.subscribe(() => isSo() && resolve());
    });
  return { store, control, asked, next, until };
}

test('hosts control › a search is given up for a newer one, and never answered with the old rows', async (t) => {
  const { store, control, asked, next, until } = start();
  t.teardown(() => control.close());
  const first = next();
  store.dispatch({ type: 'filter', text: '1' });
  await first;
  t.is(asked[0]?.query.filter, '1');
  t.false(asked[0]?.signal.aborted);
  const second = next();
  store.dispatch({ type: 'filter', text: '10' });
  t.true(asked[0]?.signal.aborted);
  await second;
  t.is(asked[1]?.query.filter, '10');
  const arrived = until(() => store.get().hosts.revision !== null);
  asked[1]?.answer();
  await arrived;
  t.is(store.get().hosts.matched, 2);
  t.is(store.get().notice, null);
});

test('hosts control › a page that fails is said, and asked for again after a pause', async (t) => {
  const { store, control, asked, next, until } = start();
  t.teardown(() => control.close());
  const first = next();
  control.pump();
  await first;
  const said = until(() => store.get().notice !== null);
  const failedAt = performance.now();
  asked[0]?.fail();
  await said;
  t.is(store.get().notice?.text, 'no such page');
  const again = next();
  await again;
  // A timer may be a little early.
  t.true(performance.now() - failedAt >= retryMs - 5);
  t.is(asked.length, 2);
});
