// What one console may have the daemon keep for it, over a real socket; what is asked for is made up here, as
// large as it gets.
import { connect } from 'node:net';
import { join } from 'node:path';
import test from 'ava';
import {
  createMessageConnection,
  SocketMessageReader,
  SocketMessageWriter,
} from 'vscode-jsonrpc/node';
import { IpcServer } from '../../../daemon/console/ipc-server.ts';
import type { IpcService } from '../../../daemon/console/service.ts';
import { type HostsPage, ipcProtocol, maxPageRows } from '../../../shared/ipc/contract.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';

const host = {
  address: '[2001:db8:1111:2222:3333:4444:5555:6666]:65535',
  nodeId: '01234567-89ab-cdef-0123-456789abcdef',
  firstSeen: 1,
  lastSeen: 2,
  state: 'live',
  dialect: 'native',
} as const;

test('intake › a console gets its next large answer when it has read the one before', async (t) => {
  const path = join(makeFolder(t), 's');
  let pages = 0;
  const page = (): HostsPage => {
    pages++;
    const rows = Array.from({ length: maxPageRows }, () => ({ ...host }));
    return { rows, first: null, last: null, matched: 1, before: 0, revision: 1 };
  };
  const server = new IpcServer(path, 80);
  await server.start();
  t.teardown(() => server.close());
  const status = () => ({ server: {} });
  server.serve({ page: async () => page(), status } as unknown as IpcService);
  const attach = async () => {
    const socket = connect(path);
    const rpc = createMessageConnection(
      new SocketMessageReader(socket),
      new SocketMessageWriter(socket),
    );
    rpc.listen();
    t.teardown(() => {
      rpc.dispose();
      socket.destroy();
    });
    await rpc.sendRequest('hello', { protocol: ipcProtocol, client: 'test', version: '0' });
    return { socket, rpc };
  };
  const greedy = await attach();
  const other = await attach();
  greedy.socket.pause();
  const asked = Array.from({ length: 20 }, () => greedy.rpc.sendRequest('hosts/page', {}));
  // All of them have arrived, and none waits for anything but its turn.
  for (let i = 0; i < 200; i++) await other.rpc.sendRequest('status', {});
  t.is(pages, 1);
  greedy.socket.resume();
  const got = (await Promise.all(asked)) as HostsPage[];
  t.deepEqual([got.length, got.at(-1)?.rows.length, pages], [20, maxPageRows, 20]);
});
