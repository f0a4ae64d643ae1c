import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { spawn as spawnTerminal } from '@lydell/node-pty';
import test, { type ExecutionContext } from 'ava';
import { createLog } from '../../daemon/log.ts';
import { connectIpc, type IpcClient } from '../../shared/ipc/client.ts';
import { freePort } from '../fixture/free-port.ts';
import { lookUntil } from '../fixture/look-until.ts';
import { programCommand } from '../fixture/programs.ts';
import { mountSmallDisk } from '../fixture/small-disk.ts';
import { openStuckPipe } from '../fixture/stuck-output.ts';
import { exchange, TcpClient } from '../fixture/tcp-client.ts';
import { makeFolder, workersOf } from './program.ts';

function logTo(pretty: boolean) {
  const destination = new PassThrough();
  const log = createLog('info', { output: { destination, pretty, colour: false } });
  return { log, read: () => String(destination.read() ?? '') };
}

test('log › a line is one JSON object with level, time and message', (t) => {
  const { log, read } = logTo(false);
  log.info({ port: 4524 }, 'ready');
  const { time, ...rest } = JSON.parse(read()) as { time: string };
  t.deepEqual(rest, { level: 'info', port: 4524, msg: 'ready' });
  t.is(new Date(time).toISOString(), time);
});

test('log › the level can be changed later', (t) => {
  const { log, read } = logTo(false);
  log.debug('before');
  log.level = 'debug';
  log.debug('after');
  log.level = 'error';
  log.warn('too late');
  t.deepEqual(
    read()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).msg),
    ['after'],
  );
});

test('log › each line is reported as JSON before it is written, whatever the output format', (t) => {
  const destination = new PassThrough();
  const seen: string[] = [];
  const written = (line: string) => {
    t.is(destination.read(), null);
    seen.push(line);
  };
  const log = createLog('info', { output: { destination, pretty: true, colour: false }, written });
  log.debug('not this');
  log.warn({ hosts: 3 }, 'ready\u0007');
  t.is(seen.length, 1);
  const { time: _, ...rest } = JSON.parse(seen[0] ?? '') as { time: string };
  t.deepEqual(rest, { level: 'warn', hosts: 3, msg: 'ready\\x07' });
  t.regex(String(destination.read()), /WARN: ready/);
});

for (const pretty of [false, true])
  test(`log › no message acts on a terminal (${pretty ? 'for people' : 'JSON'})`, (t) => {
    const { log, read } = logTo(pretty);
    log.warn('node \u001b[2J\u009b31m\u202e\r\n\u0000');
    const line = read();
    t.regex(line, /node \\+x1b\[2J\\+x9b31m\\+u\{202e\}\\+x0d\\+x0a\\+x00/);
    t.notRegex(line.slice(0, -1), /[\u0000-\u001f\u007f-\u009f\u202e]/);
  });

test('log › readable lines are a time, a level and the message', (t) => {
  const { log, read } = logTo(true);
  log.info({ hosts: 3 }, 'ready');
  t.regex(read(), /^\[\d\d:\d\d:\d\d\] INFO: ready \{"hosts":3\}\n$/);
});

test('log › lines for the journal begin with their priority', async (t) => {
  const destination = new PassThrough();
  const log = createLog('debug', {
    output: { destination, pretty: false, colour: false, journal: true },
  });
  for (const level of ['fatal', 'error', 'warn', 'info', 'debug'] as const) log[level](level);
  // Node 26 reads one write at a time.
  const lines = String(Buffer.concat(await destination.end().toArray()));
  t.deepEqual(lines.match(/^<\d>\{"level":"\w+"/gm), [
    '<2>{"level":"fatal"',
    '<3>{"level":"error"',
    '<4>{"level":"warn"',
    '<6>{"level":"info"',
    '<7>{"level":"debug"',
  ]);
});

/** Each logs a line at LogLevel=debug; together many times the capacity of a pipe. */
const registrations = 4_000;

/** Asked for at once. */
const batch = 500;

/** Long, for long lines. */
const nodeId = 'n'.repeat(50);

const debug = ['Threads=1', 'LogLevel=debug'];

interface Daemon {
  child: ChildProcess;
  port: number;
  console: IpcClient;
}

async function configure(t: ExecutionContext, lines: readonly string[] = []) {
  const folder = await makeFolder(t);
  const port = await freePort();
  const conf = join(folder, 'ddns.conf');
  // All hosts have one address.
  const shares = 'HostsPerSource=1000000';
  const own = ['Interface=127.0.0.1', `Port=${port}`, 'Database=h.db', 'Socket=s.sock', shares];
  await writeFile(conf, `${[...own, ...lines].join('\n')}\n`);
  return { conf, port, socket: join(folder, 's.sock') };
}

/** Attaches as soon as the daemon listens, which the blocked log cannot show. */
async function attach(
  t: ExecutionContext,
  socket: string,
  ended: () => boolean,
): Promise<IpcClient> {
  const client = await lookUntil(() =>
    connectIpc(socket, { name: 'test', version: '0' }).catch((error) => {
      if (ended()) throw error;
      return null;
    }),
  );
  t.teardown(() => client?.close());
  return client as IpcClient;
}

async function start(
  t: ExecutionContext,
  output: StdioOptions,
  lines: readonly string[] = debug,
  env: NodeJS.ProcessEnv = {},
): Promise<Daemon> {
  const { conf, port, socket } = await configure(t, lines);
  const [program, ...parameters] = programCommand('ddnsd', '--conf', conf);
  const child = spawn(program, parameters, {
    stdio: output,
    env: { ...process.env, DDNS_STARTUP: '', ...env },
  });
  t.teardown(() => {
    child.kill('SIGKILL');
  });
  return { child, port, console: await attach(t, socket, () => child.exitCode !== null) };
}

/** Registers so many hosts, each batch from its own address; @returns how many were answered `ok` */
async function registerMany(port: number, from = 0): Promise<number> {
  let answered = 0;
  for (let sent = from; sent < from + registrations; sent += batch) {
    const client = await TcpClient.open(port, { from: `127.0.${1 + sent / batch}.1` });
    const told = Array.from({ length: batch }, (_, each) => `alive ${nodeId} ${each + 1}\n`);
    const replies = await client.ask(told.join(''), batch);
    answered += replies.split('\n').filter((line) => line === 'ok').length;
    client.destroy();
  }
  return answered;
}

async function stop({ child }: Daemon): Promise<number | null> {
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const [code] = await ended;
  return code as number | null;
}

test('log output › a pipe with a stopped reader delays neither nodes, consoles nor a stop', async (t) => {
  const pipe = openStuckPipe(t);
  const daemon = await start(t, ['ignore', pipe.end, pipe.end]);
  t.is(await registerMany(daemon.port), registrations);
  t.regex(await exchange(daemon.port, 'ping\n'), /^pong /);
  const { lines } = await daemon.console.log({
    after: 0,
    level: 'debug',
    filter: '',
    limit: 1_000,
  });
  t.is(lines.length, 1_000);
  t.is(await stop(daemon), 0);
});

test('log output › dropped lines are counted once there is room again, and errors are kept', async (t) => {
  const pipe = openStuckPipe(t);
  const daemon = await start(t, ['ignore', pipe.end, pipe.end]);
  for (let from = 0; from < 2 * registrations; from += registrations)
    t.is(await registerMany(daemon.port, from), registrations);
  daemon.child.kill('SIGHUP');
  let read = '';
  const text = await lookUntil(
    () => {
      read += pipe.read();
      return read;
    },
    (soFar) => soFar.includes('dropped"'),
  );
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const debug = lines.filter(({ level }) => level === 'debug').length;
  const said = lines.find(({ msg }) => /\d+ lines were dropped$/.test(msg));
  t.is(said.level, 'warn');
  t.is(debug + said.debug, 2 * registrations);
  t.true(lines.some(({ msg }) => msg === 'name server is ready'));
  t.is(await stop(daemon), 0);
});

test('log output › a socket that is not read delays nothing', async (t) => {
  // Node's pipe to a child is a pair of sockets, like that of the system's journal.
  const daemon = await start(t, ['ignore', 'pipe', 'pipe']);
  t.is(await registerMany(daemon.port), registrations);
  t.is(await stop(daemon), 0);
});

test('log output › a closed reader does not end the daemon', async (t) => {
  const pipe = openStuckPipe(t);
  const daemon = await start(t, ['ignore', pipe.end, pipe.end]);
  pipe.close();
  t.is(await exchange(daemon.port, 'alive n 4000\n'), 'ok\n');
  const { lines } = await daemon.console.log({ after: 0, level: 'error', filter: '', limit: 10 });
  t.regex(lines[0]?.msg ?? '', /^standard output cannot be written \(EPIPE\)/);
  t.is(await stop(daemon), 0);
});

test('log output › a terminal after Ctrl-S delays nothing', async (t) => {
  const { conf, port, socket } = await configure(t, debug);
  const [program, ...parameters] = programCommand('ddnsd', '--conf', conf);
  const terminal = spawnTerminal(program, parameters, { cols: 200 });
  t.teardown(() => terminal.kill('SIGKILL'));
  const ended = new Promise<number>((resolve) =>
    terminal.onExit(({ exitCode }) => resolve(exitCode)),
  );
  let screen = '';
  await new Promise<void>((resolve) =>
    terminal.onData((data) => {
      screen += data;
      if (screen.includes('is ready')) resolve();
    }),
  );
  terminal.write('\u0013');
  const console = await attach(t, socket, () => false);
  t.is(await registerMany(port), registrations);
  t.is((await console.status()).hosts.live, registrations);
  process.kill(terminal.pid, 'SIGTERM');
  t.is(await ended, 0);
});

test('log output › on a full disk the daemon starts and serves, shows that on consoles, and writes once there is room', async (t) => {
  const disk = mountSmallDisk(t, 64);
  if (disk === null) return;
  const filler = join(disk, 'filler');
  try {
    for (;;) writeFileSync(filler, Buffer.alloc(4_096), { flag: 'a' });
  } catch {}
  const file = join(disk, 'log');
  const daemon = await start(
    t,
    ['ignore', openSync(file, 'a'), 'ignore'],
    ['Threads=1', 'LogLevel=info'],
  );
  t.regex(await exchange(daemon.port, 'alive n 4000\n'), /^ok\n$/);
  const { lines } = await daemon.console.log({ after: 0, level: 'error', filter: '', limit: 10 });
  t.deepEqual(
    lines.map(({ msg }) => msg.split(':')[0]),
    ['standard output cannot be written (ENOSPC)'],
  );
  rmSync(filler);
  t.is(await stop(daemon), 0);
  const written = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).msg);
  t.is(written[0], 'name server is ready');
  t.regex(written.join('\n'), /recovered after \S+ s; no line was lost/);
});

test('log output › a log file that rotation empties (copytruncate) goes on at its beginning, without a hole', async (t) => {
  const file = join(await makeFolder(t), 'log');
  // As the shell's `>` opens it, which does not append.
  const daemon = await start(t, ['ignore', openSync(file, 'w'), 'ignore'], ['Threads=1']);
  truncateSync(file);
  for (const times of [1, 2]) {
    daemon.child.kill('SIGHUP');
    await lookUntil(() => readFileSync(file, 'utf8').split('no changes').length > times);
  }
  t.is(await stop(daemon), 0);
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  t.notThrows(() => lines.map((line) => JSON.parse(line)));
});

test('log output › the reason of a worker crash is logged, and the worker replaced, also when the output blocks', async (t) => {
  const pipe = openStuckPipe(t);
  const preload = join(await makeFolder(t), 'preload.cjs');
  await writeFile(
    preload,
    "if (process.argv[1].endsWith('-worker.js')) process.on('SIGUSR2', () => { throw new Error('crashed on purpose'); });",
  );
  const env = { NODE_OPTIONS: `--require=${preload}` };
  const daemon = await start(
    t,
    ['ignore', pipe.end, pipe.end],
    ['Threads=2', 'LogLevel=debug'],
    env,
  );
  t.is(await registerMany(daemon.port), registrations);
  const [worker] = workersOf(daemon);
  if (worker === undefined) {
    t.pass('one core: there is no worker');
    return;
  }
  process.kill(worker, 'SIGUSR2');
  const awaited = [/^worker process: Error: crashed on purpose$/, /it is replaced$/];
  for (let said: string[] = []; !awaited.every((each) => said.some((msg) => each.test(msg))); ) {
    const { lines } = await daemon.console.log({ after: 0, level: 'error', filter: '', limit: 50 });
    said = lines.map(({ msg }) => msg);
  }
  t.is(await stop(daemon), 0);
});
