import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import test from 'ava';
import { KeptSocket, listenOnSocket, SocketError } from '../../../daemon/console/kept-socket.ts';
import { startTestServer } from '../../fixture/name-server.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';

const modeOf = (path: string) => (statSync(path).mode & 0o7777).toString(8);

test('kept socket › a socket that is created again, and its folder, keep their rights', async (t) => {
  const path = join(makeFolder(t), 'run', 'ddnsd.sock');
  mkdirSync(dirname(path));
  const socket = new KeptSocket(path, (each) => each.destroy());
  await socket.listen();
  t.teardown(() => socket.close());
  // Rights that an operator changed for the consoles of a group.
  chmodSync(dirname(path), 0o2750);
  chmodSync(path, 0o600);
  t.is(await socket.look(), null);
  for (const taken of [path, dirname(path)]) {
    rmSync(taken, { recursive: true });
    t.regex(
      (await socket.look()) ?? '',
      /was removed while ddnsd was running; it has been created again/,
    );
    t.deepEqual([modeOf(path), modeOf(dirname(path))], ['600', '2750']);
  }
});

test('socket file › the owner and the group may attach, nobody else', async (t) => {
  const { settings } = await startTestServer(t);
  t.is((statSync(settings.socket).mode & 0o777).toString(8), '660');
});

test.serial(
  'socket file › two sockets created at once restore the umask of the process',
  async (t) => {
    const folder = makeFolder(t);
    const mask = process.umask();
    const servers = [createServer(), createServer()];
    t.teardown(() => servers.forEach((server) => void server.close()));
    const made = servers.map((server, index) =>
      listenOnSocket(server, join(folder, String(index))),
    );
    t.is(process.umask(), mask, 'while they are made');
    await Promise.all(made);
    t.is(process.umask(), mask);
    for (const index of [0, 1])
      t.is((statSync(join(folder, String(index))).mode & 0o777).toString(8), '660');
  },
);

test('socket file › its folder is created', async (t) => {
  const folder = makeFolder(t);
  const server = await startTestServer(t, { settings: { socket: join(folder, 'a', 'b', 's') } });
  t.truthy(await server.status());
});

test('socket file › a second daemon fails with a message, and the first one is not disturbed', async (t) => {
  const first = await startTestServer(t);
  const { socket } = first.settings;
  await t.throwsAsync(startTestServer(t, { settings: { socket } }), {
    instanceOf: SocketError,
    code: 'already-running',
    message: `a name server is already running on ${socket}. Attach to it with: ddns-tui --socket ${socket}`,
  });
  t.truthy(await first.status());
  t.truthy(await first.attach());
});

test('socket file › a stale socket of a killed daemon is replaced', async (t) => {
  const folder = makeFolder(t);
  const path = join(folder, 'ddnsd.sock');
  // Closing deletes the file by its path; moved aside, it outlives its listener.
  const killed = createServer();
  await new Promise<void>((resolve) => killed.listen(path, resolve));
  renameSync(path, join(folder, 'aside'));
  await new Promise((resolve) => killed.close(resolve));
  renameSync(join(folder, 'aside'), path);
  const server = await startTestServer(t, { folder });
  t.truthy(await server.status());
});

test('socket file › the socket of a hanging daemon with a full queue is not replaced', async (t) => {
  const folder = makeFolder(t);
  const path = join(folder, 'ddnsd.sock');
  // It listens, then accepts no connection.
  const hanging = spawn(
    process.execPath,
    [
      '-e',
      `require('node:net').createServer().listen({ path: ${JSON.stringify(path)}, backlog: 1 }, () => {
        require('node:fs').writeSync(1, 'listening');
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      })`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  t.teardown(() => hanging.kill('SIGKILL'));
  await once(hanging.stdout, 'data');
  const queue: Socket[] = [];
  t.teardown(() => queue.forEach((socket) => void socket.destroy()));
  for (let error = null; error === null; ) {
    const socket = connect(path);
    queue.push(socket);
    error = await Promise.race([
      once(socket, 'connect').then(() => null),
      new Promise<Error>((resolve) => socket.once('error', resolve)),
    ]);
  }
  const { ino } = statSync(path);
  await t.throwsAsync(startTestServer(t, { folder }), {
    instanceOf: SocketError,
    code: 'already-running',
    message: `a process holds the IPC socket ${path} but does not answer (EAGAIN): it hangs or is stopped. Find it with: ss -xlp src ${path}; end or resume it, then start ddnsd again`,
  });
  t.is(statSync(path).ino, ino);
});

test('socket file › a file that is not a socket is not replaced', async (t) => {
  const folder = makeFolder(t);
  const path = join(folder, 'ddnsd.sock');
  writeFileSync(path, 'somebody needs this');
  await t.throwsAsync(startTestServer(t, { folder }), {
    instanceOf: SocketError,
    code: 'socket-failed',
    message:
      /ddnsd\.sock \(the file exists and is not a socket\)\. .+set another Socket in ddns\.conf$/,
  });
  t.is(readFileSync(path, 'utf8'), 'somebody needs this');
});

test('socket file › a path below a file is refused, with the next step', async (t) => {
  const folder = makeFolder(t);
  writeFileSync(join(folder, 'file'), '');
  await t.throwsAsync(startTestServer(t, { settings: { socket: join(folder, 'file', 's') } }), {
    instanceOf: SocketError,
    code: 'socket-failed',
    message: /Give the user of ddnsd write access to its folder, or set another Socket/,
  });
});
