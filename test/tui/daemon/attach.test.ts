import { createServer } from 'node:net';
import { join } from 'node:path';
import test from 'ava';
import { type IpcClient, UnreachableError } from '../../../shared/ipc/client.ts';
import type { Delta } from '../../../shared/ipc/status-contract.ts';
import {
  type AttachEvent,
  attachBackoffMs,
  connectTo,
  createAttachment,
  startAny,
} from '../../../tui/daemon/attach.ts';
import {
  chooseSocket,
  namedSocket,
  type SocketChoice,
  socketsProblem,
} from '../../../tui/daemon/socket-path.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';
import { fixedDelta, fixedSnapshot } from '../fixture-data.ts';

/** A client whose end and deltas are in the test's hands. */
function scriptedClient() {
  let end: () => void = () => {};
  let push: (delta: Delta) => void = () => {};
  const closed = new Promise<void>((resolve) => {
    end = resolve;
  });
  const client = {
    closed,
    close: () => end(),
    subscribe: async (onDelta: (delta: Delta) => void) => {
      push = onDelta;
      return fixedSnapshot();
    },
  } as unknown as IpcClient;
  return { client, end: () => end(), push: (delta: Delta) => push(delta) };
}

/** Waits that take no time. */
const soon = (_ms: number, run: () => void) => {
  const immediate = setImmediate(run);
  return () => clearImmediate(immediate);
};

const delta = fixedDelta();

/** Collects events and lets a test wait for the next one of a type. */
function recorder() {
  const events: AttachEvent[] = [];
  const waiting: { type: AttachEvent['type']; resolve: () => void }[] = [];
  return {
    types: () => events.map(({ type }) => type),
    onEvent: (event: AttachEvent) => {
      events.push(event);
      for (const entry of waiting.filter(({ type }) => type === event.type)) entry.resolve();
    },
    next: (type: AttachEvent['type']) =>
      new Promise<void>((resolve) => {
        waiting.push({ type, resolve });
      }),
  };
}

test('attachment › begins with a snapshot and continues with deltas', async (t) => {
  const { client, push } = scriptedClient();
  const record = recorder();
  const attachment = createAttachment({
    connect: async () => client,
    onEvent: record.onEvent,
    random: () => 0,
    after: soon,
  });
  await attachment.start();
  push(delta);
  t.deepEqual(record.types(), ['attached', 'delta']);
  t.is(attachment.client(), client);
  attachment.close();
  t.is(attachment.client(), client);
});

test('attachment › only the first attempt throws', async (t) => {
  const attachment = createAttachment({
    connect: async () => {
      throw new Error('nobody there');
    },
    onEvent: () => t.fail(),
    random: () => 0,
    after: soon,
  });
  await t.throwsAsync(attachment.start(), { message: 'nobody there' });
});

test('attachment › a lost connection is retried until it is back', async (t) => {
  const clients = [scriptedClient(), scriptedClient()] as const;
  let attempt = 0;
  const record = recorder();
  const attachment = createAttachment({
    connect: async () => {
      attempt += 1;
      if (attempt === 1) return clients[0].client;
      if (attempt < 4) throw new Error('not yet');
      return clients[1].client;
    },
    onEvent: record.onEvent,
    random: () => 0,
    after: soon,
  });
  await attachment.start();
  const back = record.next('attached');
  clients[0].end();
  await back;
  t.deepEqual(record.types(), [
    'attached',
    'lost',
    'retrying',
    'retry-failed',
    'retrying',
    'retry-failed',
    'retrying',
    'attached',
  ]);
  t.is(attachment.client(), clients[1].client);
  clients[0].push(delta);
  t.is(record.types().at(-1), 'attached', 'a delta of the old connection is not taken');
  attachment.close();
});

test('attachment › waits grow to a few seconds, and differ between consoles', (t) => {
  t.deepEqual(
    [0, 1, 2, 3, 10].map((failures) => attachBackoffMs(failures, 1)),
    [250, 425, 722, 1_228, 4000],
  );
  t.is(attachBackoffMs(10, 0), 2400);
});

const nothing: SocketChoice = {
  env: {},
  platform: 'linux',
  configured: async () => null,
};

test('socket › the environment outranks the configuration, and that the default', async (t) => {
  const configured = async () => '/from/conf';
  const env = { DDNS_SOCKET: '/from/env' };
  t.is(await chooseSocket({ ...nothing, env, configured }), '/from/env');
  t.is(await chooseSocket({ ...nothing, configured }), '/from/conf');
  t.is(await chooseSocket(nothing), '/run/ddnsd/ddnsd.sock');
  t.is(await chooseSocket({ ...nothing, platform: 'win32' }), '\\\\.\\pipe\\ddnsd');
});

test('socket › an empty variable counts as unset', async (t) => {
  t.is(await chooseSocket({ ...nothing, env: { DDNS_SOCKET: '' } }), '/run/ddnsd/ddnsd.sock');
});

test('socket › a socket may have a name in front, and a path may have a = in it', (t) => {
  t.deepEqual(namedSocket('berlin=/run/b.sock'), { name: 'berlin', path: '/run/b.sock' });
  t.deepEqual(namedSocket('eu-1.prod=/tmp/a=b'), { name: 'eu-1.prod', path: '/tmp/a=b' });
  for (const path of ['/run/a=b.sock', './x=y', '../x', 'ddnsd.sock', '\\\\.\\pipe\\a=b', '=x'])
    t.deepEqual(namedSocket(path), { name: null, path });
});

test('socket › several have names, each its own', (t) => {
  const problem = (...texts: string[]) => socketsProblem(texts.map(namedSocket));
  t.is(problem('/a'), null);
  t.is(problem('a=/a', 'b=/b'), null);
  t.is(problem('a=/a', '/b'), 'with several sockets each needs a name: --socket NAME=/b');
  t.is(problem('a=/a', 'a=/b'), 'two sockets are named a; give each its own name');
  t.is(problem('a='), '--socket a= has no path; write NAME=PATH');
});

test('attachment › of several name servers one is enough, and the others are tried again', async (t) => {
  const events: string[] = [];
  const retries: (() => void)[] = [];
  let isThere = false;
  const attachment = (name: string, connect: () => Promise<IpcClient>) =>
    createAttachment({
      connect,
      onEvent: ({ type }) => events.push(`${name} ${type}`),
      keepsTrying: true,
      random: () => 0,
      after: (_ms, run) => {
        retries.push(run);
        return () => {};
      },
    });
  const gone = () => Promise.reject(new UnreachableError('not-running', 'nobody listens'));
  const late = attachment('b', async () => (isThere ? scriptedClient().client : gone()));
  await startAny([attachment('a', async () => scriptedClient().client), late]);
  t.deepEqual(events.toSorted(), ['a attached', 'b lost']);
  isThere = true;
  retries[0]?.();
  await new Promise((resolve) => setImmediate(resolve));
  t.true(events.includes('b attached'));
  await t.throwsAsync(startAny([attachment('c', gone), attachment('d', gone)]), {
    instanceOf: UnreachableError,
    message: 'nobody listens',
  });
});

test('attachment › asks for the snapshot with the greeting, and waits for one answer instead of two', async (t) => {
  const path = join(makeFolder(t), 's.sock');
  let sent = '';
  const isAsked = () => ['"hello"', '"subscribe"'].every((method) => sent.includes(method));
  const server = createServer((socket) => {
    // It answers nothing.
    socket.on('data', (data) => {
      sent += data;
      if (isAsked()) socket.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  server.unref();
  t.teardown(() => server.close());
  await t.throwsAsync(connectTo(path)(), { instanceOf: UnreachableError });
  t.true(isAsked(), sent);
});
