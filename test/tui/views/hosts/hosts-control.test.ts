// Which pages the console asks for while the operator types, with a name server that is slow to answer.
import test from 'ava';
import type { IpcClient } from '../../../../shared/ipc/client.ts';
import type { HostsPage, PageQuery } from '../../../../shared/ipc/contract.ts';
import { firstState, reduceConsole } from '../../../../tui/state/console-state.ts';
import { createStore } from '../../../../tui/state/store.ts';
import { createHostsControl } from '../../../../tui/views/hosts/hosts-control.ts';
import { fixedHosts, fixedSnapshot } from '../../fixture-data.ts';

interface Asked {
  query: PageQuery;
  signal: AbortSignal;
  answer(): void;
}

function pageOf(rows: number): HostsPage {
  const hosts = fixedHosts(rows);
  return { rows: hosts, first: 'a', last: 'b', matched: rows, before: 0, revision: 1 };
}

test('hosts control › a search is given up for a newer one, and never answered with the old rows', async (t) => {
  const asked: Asked[] = [];
  let heard: () => void = () => {};
  const next = () =>
    new Promise<void>((resolve) => {
      heard = resolve;
    });
  const client = {
    page: (query: PageQuery, signal: AbortSignal) =>
      new Promise<HostsPage>((resolve, reject) => {
        asked.push({ query, signal, answer: () => resolve(pageOf(asked.length)) });
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
  t.teardown(() => control.close());
  store.subscribe(control.pump);

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
  const arrived = new Promise<void>((resolve) => {
    store.subscribe(() => {
      if (store.get().hosts.revision !== null) resolve();
    });
  });
  asked[1]?.answer();
  await arrived;
  t.is(store.get().hosts.matched, 2);
  t.is(store.get().notice, null);
});
