import test from 'ava';
import { ErrorCodes, ResponseError } from 'vscode-jsonrpc/node';
import type { IpcClient } from '../../../../shared/ipc/client.ts';
import type { Backlog } from '../../../../shared/ipc/contract.ts';
import { firstState, reduceConsole } from '../../../../tui/console/console-state.ts';
import { createStore, type ViewName } from '../../../../tui/state/common-state.ts';
import { createBacklogControl } from '../../../../tui/views/backlog/backlog-control.ts';
import { fixedBacklog } from '../../fixture-data.ts';

/** A console on a view, and a daemon that answers when the test lets it. */
function start(view: ViewName) {
  const size = { columns: 80, rows: 24 };
  const store = createStore(firstState({ size, view, readOnly: false, now: 0 }), reduceConsole);
  const asked: { answer: (backlog: Backlog) => void; fail: (error: unknown) => void }[] = [];
  const client = {
    backlog: () =>
      new Promise<Backlog>((answer, fail) => {
        asked.push({ answer, fail });
      }),
  } as unknown as IpcClient;
  const attached: { client: IpcClient | null } = { client };
  const control = createBacklogControl(store, () => attached.client);
  store.subscribe(() => control.pump());
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return { store, control, asked, attached, client, settle };
}

test('backlog control › asks at once when the view is looked at, and one thing at a time', async (t) => {
  const { store, control, asked, settle } = start('backlog');
  control.pump();
  for (let tick = 1; tick <= 5; tick++) store.dispatch({ type: 'tick', now: tick });
  t.is(asked.length, 1);
  asked[0]?.answer(fixedBacklog());
  await settle();
  t.is(store.get().backlog.list?.total, 12);
  store.dispatch({ type: 'tick', now: 6 });
  t.is(asked.length, 1, 'not again within a second');
});

test('backlog control › asks nothing while another view is on the screen', async (t) => {
  const { store, control, asked, settle } = start('hosts');
  control.pump();
  control.refresh();
  for (let tick = 1; tick <= 5; tick++) store.dispatch({ type: 'tick', now: tick });
  await settle();
  t.is(asked.length, 0);
  store.dispatch({ type: 'view', view: 'backlog' });
  t.is(asked.length, 1);
  asked[0]?.answer(fixedBacklog());
  await settle();
  store.dispatch({ type: 'view', view: 'hosts' });
  control.refresh();
  t.is(asked.length, 1);
  store.dispatch({ type: 'view', view: 'backlog' });
  t.is(asked.length, 2, 'what it knew is old');
});

test('backlog control › after something was done it asks again, also when an answer is on its way', async (t) => {
  const { control, asked, settle } = start('backlog');
  control.pump();
  control.refresh();
  t.is(asked.length, 1);
  asked[0]?.answer(fixedBacklog());
  await settle();
  t.is(asked.length, 2);
  asked[1]?.answer(fixedBacklog({ total: 3 }));
  await settle();
  control.refresh();
  t.is(asked.length, 3);
});

test('backlog control › a daemon that does not know the request is said to be older', async (t) => {
  const { store, control, asked, settle } = start('backlog');
  control.pump();
  asked[0]?.fail(new ResponseError(ErrorCodes.MethodNotFound, 'Unhandled method backlog'));
  await settle();
  t.is(
    store.get().backlog.failure,
    'this ddnsd is older than the console and cannot list its backlog; restart it with the new version',
  );
});

test('backlog control › an answer of a connection that is lost says nothing of the next one', async (t) => {
  const { store, control, asked, attached, client, settle } = start('backlog');
  control.pump();
  attached.client = null;
  asked[0]?.fail(new Error('the connection is closed'));
  await settle();
  t.deepEqual([store.get().backlog.list, store.get().backlog.failure], [null, null]);
  t.is(asked.length, 1);
  attached.client = { ...client };
  store.dispatch({ type: 'tick', now: 1 });
  t.is(asked.length, 2);
  control.close();
  asked[1]?.answer(fixedBacklog());
  await settle();
  t.is(store.get().backlog.list, null);
});
