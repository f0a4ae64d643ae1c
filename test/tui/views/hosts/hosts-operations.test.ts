import test, { type ExecutionContext } from 'ava';
import type { IpcClient } from '../../../../shared/ipc/client.ts';
import {
  type ConsoleAction,
  type ConsoleState,
  firstState,
  reduceConsole,
} from '../../../../tui/console/console-state.ts';
import { createStore } from '../../../../tui/state/common-state.ts';
import { createHostsOperations } from '../../../../tui/views/hosts/hosts-operations.ts';
import { freePort } from '../../../fixture/free-port.ts';
import { startHost } from '../../../fixture/loopback-host.ts';
import { startTestServer } from '../../../fixture/name-server.ts';
import { exchange } from '../../../fixture/tcp-client.ts';
import { marksOf } from '../../fixture-data.ts';

/** A console whose marks are these, and every notice it shows. */
function createConsole(client: () => IpcClient | null, marked: readonly string[] = []) {
  const first = firstState({
    size: { columns: 80, rows: 24 },
    view: 'hosts',
    readOnly: false,
    now: 0,
  });
  const store = createStore<ConsoleState, ConsoleAction>(
    { ...first, hosts: { ...first.hosts, marked: marksOf(marked) } },
    reduceConsole,
  );
  const notices: string[] = [];
  let last = store.get().notice;
  store.subscribe(() => {
    const { notice } = store.get();
    if (notice !== null && notice !== last) notices.push(`${notice.tone}: ${notice.text}`);
    last = notice;
  });
  const until = (isSo: () => boolean) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (isSo()) resolve();
      };
      store.subscribe(look);
      look();
    });
  return { store, notices, until, operations: createHostsOperations(store, client) };
}

async function register(t: ExecutionContext, ports: readonly number[]): Promise<IpcClient> {
  const server = await startTestServer(t);
  await exchange(server.port, ports.map((port) => `alive node-${port} ${port}\n`).join(''));
  return server.attach();
}

test('hosts operations › the marked hosts are removed, and their marks go with them', async (t) => {
  const client = await register(t, [4001, 4002, 4003]);
  const asked = ['127.0.0.1:4001', '127.0.0.1:4002', '127.0.0.1:4009'];
  const { store, notices, until, operations } = createConsole(() => client, [...asked, 'another']);
  operations.remove(asked);
  t.is(notices[0], 'good: removing 3 hosts …');
  await until(() => store.get().hosts.marked.size === 1);
  t.deepEqual([...store.get().hosts.marked.keys()], ['another']);
  t.is(notices.at(-1), 'warn: 2 removed, 1 already gone: 127.0.0.1:4009');
  t.deepEqual(
    (await client.page({})).rows.map(({ address }) => address),
    ['127.0.0.1:4003'],
  );
});

test('hosts operations › pings say who did not answer', async (t) => {
  const [node, nobody] = [await startHost(t), await freePort()];
  const client = await register(t, [node, nobody]);
  const { notices, until, operations } = createConsole(() => client);
  operations.ping([`127.0.0.1:${node}`, `127.0.0.1:${nobody}`]);
  operations.ping([`127.0.0.1:${node}`, `127.0.0.1:${nobody}`]);
  t.is(notices.at(-1), 'warn: still pinging 2 hosts; retry when done');
  const result = `warn: 1 answered, 1 did not answer: 127.0.0.1:${nobody}`;
  await until(() => notices.includes(result));
  operations.ping([`127.0.0.1:${nobody}`]);
  const single = `warn: 127.0.0.1:${nobody} did not answer: connection refused`;
  await until(() => notices.includes(single));
  t.pass();
});

test('hosts operations › while the connection is lost nothing is begun, and no mark is lost', async (t) => {
  const { store, notices, operations } = createConsole(() => null, ['127.0.0.1:4001']);
  operations.remove(['127.0.0.1:4001']);
  t.is(notices.length, 1);
  t.regex(notices[0] ?? '', /^warn: not connected/);
  t.is(store.get().hosts.marked.size, 1);
});

test('hosts operations › what fails stays marked', async (t) => {
  const client = await register(t, [4001, 4002]);
  client.close();
  const asked = ['127.0.0.1:4001', '127.0.0.1:4002'];
  const { store, notices, until, operations } = createConsole(() => client, asked);
  operations.remove(asked);
  await until(() => notices.length > 1 && notices.at(-1)?.startsWith('bad: ') === true);
  t.regex(
    notices.at(-1) ?? '',
    /^bad: 0 removed, 2 failed: 127\.0\.0\.1:4001, 127\.0\.0\.1:4002 \(/,
  );
  t.is(store.get().hosts.marked.size, 2);
});
