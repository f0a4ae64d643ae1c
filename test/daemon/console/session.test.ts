import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import {
  createMessageConnection,
  type MessageConnection,
  SocketMessageReader,
  SocketMessageWriter,
} from 'vscode-jsonrpc/node';
import { IpcServer } from '../../../daemon/console/ipc-server.ts';
import type { IpcService } from '../../../daemon/console/service.ts';
import { connectIpc, UnreachableError } from '../../../shared/ipc/client.ts';
import {
  type HostsPage,
  ipcErrors,
  ipcProtocol,
  maxPageRows,
  overrideRequest,
} from '../../../shared/ipc/contract.ts';
import { version } from '../../../shared/version.ts';
import { lookUntil } from '../../fixture/look-until.ts';
import { startTestServer, type TestServer } from '../../fixture/name-server.ts';
import { exchange } from '../../fixture/tcp-client.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';

/** A JSON-RPC connection without the typed client, so that it can send invalid requests. */
async function attachRaw(
  t: ExecutionContext,
  { settings }: TestServer,
): Promise<{ rpc: MessageConnection; socket: Socket; closed: Promise<void> }> {
  const socket = connect(settings.socket);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => {});
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  const rpc = createMessageConnection(
    new SocketMessageReader(socket),
    new SocketMessageWriter(socket),
  );
  rpc.onError(() => {});
  rpc.listen();
  t.teardown(() => {
    rpc.dispose();
    socket.destroy();
  });
  return { rpc, socket, closed };
}

const imported = {
  ...{ address: '192.0.2.7:4000', nodeId: 'n', dialect: 'native' },
  ...{ firstSeen: 1, lastSeen: 1 },
};

const hello = { protocol: ipcProtocol, client: 'test', version: '0' };

test('session › hello is answered with the id of the server', async (t) => {
  const server = await startTestServer(t);
  const { rpc } = await attachRaw(t, server);
  const { server: identity } = await server.status();
  t.deepEqual(await rpc.sendRequest('hello', hello), { protocol: ipcProtocol, server: identity });
  t.deepEqual([identity.version, identity.pid], [version, process.pid]);
});

test('session › another version of the contract is refused, with the next step', async (t) => {
  const server = await startTestServer(t);
  const { rpc } = await attachRaw(t, server);
  await t.throwsAsync(rpc.sendRequest('hello', { ...hello, protocol: ipcProtocol + 1 }), {
    code: ipcErrors.protocolMismatch,
    message: `this ddnsd ${version} speaks IPC version ${ipcProtocol}, the console speaks ${ipcProtocol + 1}: install the same version of both`,
  });
  await t.throwsAsync(rpc.sendRequest('status', {}), { code: ipcErrors.notGreeted });
});

test('session › a request before hello is refused', async (t) => {
  const server = await startTestServer(t);
  const { rpc } = await attachRaw(t, server);
  for (const method of [
    'status',
    'subscribe',
    'hosts/page',
    'hosts/get',
    'config/reload',
    'config/save',
    'backlog',
    'backlog/close',
    'backup/begin',
    'backup/read',
  ])
    await t.throwsAsync(rpc.sendRequest(method, {}), {
      code: ipcErrors.notGreeted,
      message: `hello is required before ${method}`,
    });
});

test('session › wrong parameters are refused, and the message names the field', async (t) => {
  const server = await startTestServer(t);
  const { rpc } = await attachRaw(t, server);
  const invalid = -32602;
  await t.throwsAsync(rpc.sendRequest('hello', { ...hello, protocol: '1' }), {
    code: invalid,
    message: /^hello: .*protocol/,
  });
  await rpc.sendRequest('hello', hello);
  const cases: [method: string, params: object, names: RegExp][] = [
    ['hosts/page', { limit: 0 }, /^hosts\/page: .*limit/],
    ['hosts/page', { limit: 10_001 }, /limit/],
    ['hosts/page', { limit: 1.5 }, /limit/],
    ['hosts/page', { filter: 'x'.repeat(201) }, /filter/],
    ['hosts/page', { states: [] }, /states/],
    ['hosts/page', { states: ['dead'] }, /states/],
    ['hosts/page', { sort: { by: 'colour', descending: false } }, /sort\.by/],
    ['hosts/page', { sort: { by: 'address' } }, /sort\.descending/],
    ['hosts/page', { direction: 'up' }, /direction/],
    ['hosts/page', { anchor: 1 }, /anchor/],
    ['hosts/page', { lmit: 1 }, /lmit/],
    ['hosts/get', {}, /address/],
    ['hosts/ping', { address: 5 }, /address/],
    ['hosts/remove', { address: 'x'.repeat(65) }, /address/],
    ['status', { verbose: true }, /verbose/],
    ['backlog', { limit: 5 }, /^backlog: .*limit/],
    ['backlog/close', {}, /^backlog\/close: .*id/],
    ['backlog/close', { id: 5 }, /id/],
    ['backlog/close', { id: 'x'.repeat(65) }, /id/],
    ['backlog/close', { id: '0-1', force: true }, /force/],
    ['hosts/import', { hosts: [] }, /more/],
    ['hosts/import', { hosts: [{ ...imported, nodeId: 'a b' }], more: false }, /nodeId/],
    ['hosts/import', { hosts: [{ ...imported, lastSeen: -1 }], more: false }, /lastSeen/],
    ['hosts/import', { hosts: [{ ...imported, dialect: 'http' }], more: false }, /dialect/],
    ['hosts/import', { hosts: Array(501).fill(imported), more: false }, /500 items → at hosts/],
    ['backup/begin', { file: '/etc/passwd' }, /file/],
    ['backup/read', { id: '1', at: -1 }, /at/],
    ['backup/read', { at: 0 }, /id/],
  ];
  for (const [method, params, names] of cases)
    await t.throwsAsync(rpc.sendRequest(method, params), { code: invalid, message: names });
});

test('session › a console that says it only reads can change nothing', async (t) => {
  const server = await startTestServer(t);
  await exchange(server.port, 'alive n1 4000\n');
  const { rpc } = await attachRaw(t, server);
  await rpc.sendRequest('hello', { ...hello, readOnly: true });
  const address = '127.0.0.1:4000';
  const changes: [method: string, params: object][] = [
    ['hosts/remove', { address }],
    ['hosts/import', { hosts: [imported], more: false }],
    ['redirects/drain', {}],
    ['redirects/undrain', {}],
    ['peers/sync', {}],
    ['config/reload', {}],
    ['config/save', { edits: [{ name: 'Backlog', value: '7' }], fingerprint: '' }],
    ['backlog/close', { id: '0-1' }],
    [overrideRequest.method, {}],
  ];
  for (const [method, params] of changes)
    await t.throwsAsync(rpc.sendRequest(method, params), {
      code: ipcErrors.readOnly,
      message: `${method} makes changes, and this console is attached with --read-only; attach without it`,
    });
  t.like(await rpc.sendRequest('hosts/get', { address }), { address, nodeId: 'n1' });
  t.truthy(await rpc.sendRequest('backlog', {}));
});

test('session › an unknown method is refused, and the session goes on', async (t) => {
  const server = await startTestServer(t);
  const { rpc } = await attachRaw(t, server);
  await rpc.sendRequest('hello', hello);
  await t.throwsAsync(rpc.sendRequest('hosts/destroy', {}), { code: -32601 });
  t.truthy(await rpc.sendRequest('status', {}));
});

test('session › an oversized or invalid frame ends that session only', async (t) => {
  const server = await startTestServer(t);
  const other = await server.attach();
  for (const bytes of [
    `Content-Length: 2000000\r\n\r\n${'x'.repeat(2_000_000)}`,
    `Content-Length: 5\r\n\r\n{bad}`,
    'x'.repeat(2_000_000),
  ]) {
    const { socket, closed } = await attachRaw(t, server);
    socket.write(bytes);
    await closed;
  }
  t.truthy(await other.status());
});

test('session › accepts 64 consoles and no more', async (t) => {
  const server = await startTestServer(t);
  const consoles = [];
  for (let i = 0; i < 64; i++) consoles.push(await server.attach());
  await t.throwsAsync(server.attach(), {
    instanceOf: UnreachableError,
    code: 'full',
    message:
      '64 consoles are attached to this name server, the maximum: close one (ss -xp lists the processes), then try again',
  });
  consoles[0]?.close();
  await consoles[0]?.closed;
  // The server notices it after the console.
  t.truthy(await lookUntil(() => server.attach().catch(() => null)));
});

test('session › connections without hello are closed, and make room for consoles', async (t) => {
  const server = await startTestServer(t);
  const silent = [];
  for (let i = 0; i < 100; i++) silent.push(await attachRaw(t, server));
  const console = await server.attach();
  // First those that made room for others, in the end all of them.
  await silent[0]?.closed;
  await silent[20]?.closed;
  await Promise.all(silent.map(({ closed }) => closed));
  const { counters } = await console.status();
  t.is(counters.consolesClosed, 100);
  t.true(
    server.logged.some(
      ({ msg }) => msg === 'console connection closed: it sent no hello within 10 s',
    ),
  );
});

test('session › a console that sends too many requests ahead is closed', async (t) => {
  const server = await startTestServer(t);
  const { rpc, socket, closed } = await attachRaw(t, server);
  await rpc.sendRequest('hello', hello);
  const frames = Array.from({ length: 5_000 }, (_, index) => {
    const request = `{"jsonrpc":"2.0","id":"n${index}","method":"status","params":{}}`;
    return `Content-Length: ${request.length}\r\n\r\n${request}`;
  });
  socket.write(frames.join(''));
  await closed;
  t.is((await server.status()).counters.consolesClosed, 1);
});

test('session › consoles notice that the server is gone', async (t) => {
  const server = await startTestServer(t);
  const console = await server.attach();
  await server.close();
  await console.closed;
  await t.throwsAsync(connectIpc(server.settings.socket, { name: 'test', version: '0' }), {
    instanceOf: UnreachableError,
    code: 'not-running',
  });
});

test('session › the client reports a missing socket, and one without an answer to hello', async (t) => {
  const folder = makeFolder(t);
  const stranger = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => stranger.listen(`${folder}/stranger.sock`, resolve));
  t.teardown(() => stranger.close());
  const as = { name: 'test', version: '0' };
  await t.throwsAsync(connectIpc(`${folder}/stranger.sock`, as), { code: 'no-answer' });
  await t.throwsAsync(connectIpc(`${folder}/nothing.sock`, as), { code: 'not-running' });
});

test('session › text from the network contains no terminal control characters', async (t) => {
  const server = await startTestServer(t);
  await exchange(server.port, '\x1b[31mred\x07\n');
  await exchange(server.port, 'a\u202e\u0085\n');
  const console = await server.attach();
  const snapshot = await console.subscribe(() => {});
  t.is(snapshot.activity.length, 2);
  t.notRegex(JSON.stringify(snapshot), /\\u00[01]|[\u0080-\u009f\u202e]/);
});

const host = {
  address: '[2001:db8:1111:2222:3333:4444:5555:6666]:65535',
  nodeId: '01234567-89ab-cdef-0123-456789abcdef',
  firstSeen: 1,
  lastSeen: 2,
  state: 'live',
  dialect: 'native',
} as const;

test('console stream › a console gets the next large answer after it has read the one before', async (t) => {
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
  // All requests have arrived, and wait only for their turn.
  for (let i = 0; i < 200; i++) await other.rpc.sendRequest('status', {});
  t.is(pages, 1);
  greedy.socket.resume();
  const got = (await Promise.all(asked)) as HostsPage[];
  t.deepEqual([got.length, got.at(-1)?.rows.length, pages], [20, maxPageRows, 20]);
});
