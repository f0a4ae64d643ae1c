import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdir, writeFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { constants } from 'node:os';
import { join } from 'node:path';
import { spawn } from '@lydell/node-pty';
import test, { type ExecutionContext } from 'ava';
import { connectIpc } from '../../../shared/ipc/client.ts';
import { freePort } from '../../fixture/free-port.ts';
import { lookUntil } from '../../fixture/look-until.ts';
import { programFile } from '../../fixture/programs.ts';
import { exchange } from '../../fixture/tcp-client.ts';
import { threads, threadsLine } from '../../fixture/threads.ts';
import { makeFolder, messages, runDdnsd, startDdnsd, workersOf } from '../program.ts';

test('ddnsd › does not start without its Interface', async (t) => {
  const conf = join(await makeFolder(t), 'ddns.conf');
  await writeFile(conf, 'Interface=ether77\n');
  const { code, stderr } = await runDdnsd(t, ['--conf', conf]);
  t.is(code, 78);
  t.regex(stderr, /:1: Interface=ether77: this machine has no interface of that name\. It has: /);
});

test('ddnsd › --wait-for-interface waits, logs that, and can be stopped meanwhile', async (t) => {
  const conf = join(await makeFolder(t), 'ddns.conf');
  await writeFile(conf, 'Interface=203.0.113.7\n');
  const { child, line, ended } = await startDdnsd(t, ['--conf', conf, '--wait-for-interface']);
  await line(/waiting for the network: .*:1: Interface=203\.0\.113\.7: this machine does not have/);
  child.kill('SIGTERM');
  t.is((await ended).code, 0);
});

/** Starts a name server in a new folder, on a free port. */
async function startInFolder(
  t: ExecutionContext,
  args: string[] = [],
  env: NodeJS.ProcessEnv = {},
) {
  const folder = await makeFolder(t);
  const conf = join(folder, 'ddns.conf');
  const port = await freePort();
  // All hosts of a test have one address.
  const settings = `Interface=127.0.0.1\nPort=${port}\nDatabase=hosts.db\nSocket=ddnsd.sock\nHostsPerSource=30000\n${threadsLine}\n`;
  await writeFile(conf, settings);
  const running = await startDdnsd(t, ['--data', folder, ...args], env);
  await running.line(/name server is ready/);
  return { ...running, folder, conf, port, settings };
}

test('ddnsd › goes on while the system has no descriptor left, and serves again afterwards', async (t) => {
  const { child, folder, port } = await startInFolder(t);
  const limit = (files: number) =>
    spawnSync('prlimit', [`--pid=${child.pid}`, `--nofile=${files}:`]);
  const console = await connectIpc(join(folder, 'ddnsd.sock'), { name: 'test', version: '0' });
  t.teardown(() => console.close());
  if (limit(8).status !== 0) {
    t.pass('util-linux is not there');
    return;
  }
  let seconds = 0;
  await console.subscribe(({ samples }) => {
    seconds += samples.length;
  });
  await lookUntil(
    async () => seconds,
    (found) => found >= 3,
  );
  limit(1_024);
  t.is(await exchange(port, 'alive n 1\n'), 'ok\n');
});

test('ddnsd › SIGHUP logs what is in force and what waits for a restart; SIGTERM stops with exit code 0', async (t) => {
  const { child, line, ended, conf, port, settings } = await startInFolder(t);
  child.kill('SIGHUP');
  await line(/no changes/);
  // A short one would also have the log say when self-preservation begins and ends.
  await writeFile(conf, `${settings.replace(threadsLine, 'Threads=3')}TTL=50m\nBacklog=8\n`);
  child.kill('SIGHUP');
  await line(/Threads changed/);
  await writeFile(conf, `${settings}TTL=90\nPort=${port}\n`);
  child.kill('SIGHUP');
  await line(/not reloaded/);
  child.kill('SIGTERM');
  const { code, stdout, stderr } = await ended;
  t.deepEqual(
    { code, stderr, log: messages(stdout) },
    {
      code: 0,
      stderr: '',
      log: [
        'info: name server is ready',
        `info: ${conf} reloaded: no changes`,
        'info: Backlog changed from 100 to 8: in force now',
        'info: TTL changed from 60m to 50m: in force now',
        `warn: Threads changed from ${threads} to 3: waits for a restart`,
        `error: ${conf}:7: TTL=90: must be a number and a unit (s, m, h or d), 1s to 30d, for example 90s or 60m`,
        `error: ${conf}:8: Port=${port}: is set twice; line 2 already says Port=${port}. Keep one of the two`,
        `error: ${conf} not reloaded: the former settings stay in force`,
        'info: SIGTERM received, stopping',
        'info: stopped; 0 requests in flight answered',
      ],
    },
  );
});

test('ddnsd › a changed LogLevel is in force after the reload', async (t) => {
  const { child, line, ended, conf, settings } = await startInFolder(t);
  await writeFile(conf, `${settings.replace(threadsLine, 'Threads=3')}LogLevel=warn\n`);
  child.kill('SIGHUP');
  await line(/Threads changed/);
  child.kill('SIGTERM');
  const { code, stdout } = await ended;
  t.is(code, 0);
  t.deepEqual(messages(stdout), [
    'info: name server is ready',
    `warn: Threads changed from ${threads} to 3: waits for a restart`,
  ]);
});

test('ddnsd › logs readable lines on a terminal, and Ctrl-C stops it', async (t) => {
  const folder = await makeFolder(t);
  const conf = join(folder, 'ddns.conf');
  await writeFile(
    conf,
    `Interface=127.0.0.1\nPort=${await freePort()}\nDatabase=hosts.db\nSocket=ddnsd.sock\n${threadsLine}\n`,
  );
  const terminal = spawn(process.execPath, [programFile('ddnsd'), '--conf', conf], {
    cols: 200,
    env: { ...process.env, NO_COLOR: '1' },
  });
  let screen = '';
  terminal.onData((data) => {
    if (!screen.includes('is ready') && (screen + data).includes('is ready'))
      terminal.write('\u0003');
    screen += data;
  });
  const code = await new Promise<number>((resolve) =>
    terminal.onExit(({ exitCode }) => resolve(exitCode)),
  );
  t.is(code, 0);
  t.regex(screen, /^\[\d\d:\d\d:\d\d\] INFO: name server is ready \{/);
  t.regex(screen, /\] INFO: SIGINT received, stopping\r\n/);
  t.false(screen.includes('\u001b'));
});

test('ddnsd › SIGINT stops like SIGTERM', async (t) => {
  const { child, ended } = await startInFolder(t);
  child.kill('SIGINT');
  const { code, stdout } = await ended;
  t.deepEqual([code, messages(stdout).at(-2)], [0, 'info: SIGINT received, stopping']);
});

/** A connection that is not read, with more replies pending than the kernel buffers. */
async function owedConnection(t: ExecutionContext, port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  t.teardown(() => {
    socket.destroy();
  });
  socket.on('error', () => {});
  const hosts = Array.from({ length: 5_000 }, (_, index) => `alive n${index} ${index + 1}\n`);
  socket.write(hosts.join(''));
  let answered = 0;
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    answered += String(chunk).split('\n').length - 1;
    if (answered === hosts.length) break;
  }
  // 80 KB per reply
  socket.write('query asker 65000\n'.repeat(400));
  await once(socket, 'readable');
  return socket;
}

test('ddnsd › SIGTERM answers the requests in flight, and logs their number', async (t) => {
  const { child, line, ended, port } = await startInFolder(t);
  const socket = await owedConnection(t, port);
  child.kill('SIGTERM');
  await line(/SIGTERM received, stopping/);
  let text = '';
  for await (const chunk of socket) text += chunk;
  const { code, stdout } = await ended;
  t.is(code, 0);
  t.regex(messages(stdout).at(-1) ?? '', /^info: stopped; [1-9]\d* requests? in flight answered$/);
  // The client got whole replies: the last line ends a list.
  const last = text.slice(text.lastIndexOf('\n', text.length - 2) + 1);
  t.regex(last, /^end 5000 \S+ full\n$/);
});

test('ddnsd › a Ctrl-C that npm passes on a second time counts once', async (t) => {
  const { child, line, ended, port } = await startInFolder(t);
  const socket = await owedConnection(t, port);
  child.kill('SIGINT');
  await line(/SIGINT received, stopping/);
  child.kill('SIGINT');
  let text = '';
  for await (const chunk of socket) text += chunk;
  const { code, stdout } = await ended;
  t.is(code, 0);
  t.regex(messages(stdout).at(-1) ?? '', /^info: stopped; [1-9]/);
  t.regex(text, /\nend 5000 \S+ full\n$/);
});

test('ddnsd › a ddns.conf that is empty while an editor writes it changes nothing', async (t) => {
  const { child, line, ended, conf, settings } = await startInFolder(t);
  await writeFile(conf, '# begun\n');
  child.kill('SIGHUP');
  await line(/not reloaded|in force now/);
  await writeFile(conf, settings);
  child.kill('SIGHUP');
  await line(/no changes|to 30000/);
  child.kill('SIGTERM');
  t.deepEqual(messages((await ended).stdout).slice(1, -2), [
    `error: ${conf}: has no settings: the file was emptied or is being written; reload once it is complete (only a restart returns to the defaults)`,
    `error: ${conf} not reloaded: the former settings stay in force`,
    `info: ${conf} reloaded: no changes`,
  ]);
});

test('ddnsd › a second signal stops it at once', async (t) => {
  const { child, line, ended, port } = await startInFolder(t);
  await owedConnection(t, port);
  child.kill('SIGTERM');
  await line(/SIGTERM received, stopping/);
  child.kill('SIGINT');
  const { code, stdout } = await ended;
  t.is(code, 1);
  t.deepEqual(messages(stdout).slice(-2), [
    'info: SIGTERM received, stopping',
    'warn: second signal (SIGINT), stopping at once',
  ]);
});

for (const [what, failure, says] of [
  ['an exception', "throw new Error('boom')", 'fatal: unexpected error, exiting'],
  ['a rejection', "Promise.reject(new Error('boom'))", 'fatal: unexpected rejection, exiting'],
])
  test(`ddnsd › ${what} that is unexpected is logged and ends it with exit code 1`, async (t) => {
    const preload = `process.on('SIGUSR2', () => { ${failure} })`;
    const { child, ended } = await startInFolder(t, [], {
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(preload)}`,
    });
    child.kill('SIGUSR2');
    const { code, stdout } = await ended;
    t.deepEqual([code, messages(stdout).at(-1)], [1, says]);
    t.like(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? ''), { err: { message: 'boom' } });
  });

test('ddnsd › --stop-on-stdin-end stops it when the process that started it is gone', async (t) => {
  const { child, ended } = await startInFolder(t, ['--stop-on-stdin-end']);
  child.stdin?.end();
  const { code, stdout } = await ended;
  t.is(code, 0);
  t.deepEqual(messages(stdout).slice(1), [
    'info: standard input ended, stopping',
    'info: stopped; 0 requests in flight answered',
  ]);
});

test('ddnsd › a second daemon in the same folder fails with a message, and the first one is not disturbed', async (t) => {
  const { folder, child, ended } = await startInFolder(t);
  const second = await runDdnsd(t, ['--data', folder]);
  t.deepEqual([second.code, second.stdout], [1, '']);
  t.is(
    second.stderr,
    `ddnsd: a name server is already running on ${folder}/ddnsd.sock. Attach to it with: ddns-tui --socket ${folder}/ddnsd.sock\n`,
  );
  child.kill('SIGTERM');
  t.is((await ended).code, 0);
});

test('ddnsd › a port in use is reported in one line, with the next step', async (t) => {
  const folder = await makeFolder(t);
  const server = createServer();
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
  );
  t.teardown(() => {
    server.close();
  });
  const conf = join(folder, 'ddns.conf');
  await writeFile(
    conf,
    `Interface=127.0.0.1\nPort=${port}\nDatabase=h.db\nSocket=s.sock\n${threadsLine}\n`,
  );
  t.deepEqual(await runDdnsd(t, ['--conf', conf]), {
    code: 1,
    stdout: '',
    stderr: `ddnsd: 127.0.0.1:${port} is taken by another process. Stop it (ss -ltnp 'sport = :${port}' names it), or set another Port in ddns.conf\n`,
  });
  t.false((await readdir(folder)).includes('s.sock'));
});

/** Signals of logrotate, supervisors, terminals and timers, each of which ends or suspends a program without a handler. */
const habitual = [
  'SIGHUP',
  'SIGUSR1',
  'SIGUSR2',
  'SIGALRM',
  'SIGIO',
  'SIGTTIN',
  'SIGTTOU',
] as const;

/** Sends `signals` to a process while it loads a program. */
async function whileLoading(t: ExecutionContext, file: string, signals: readonly string[]) {
  const hook = join(await makeFolder(t), 'hook.mjs');
  await writeFile(
    hook,
    `import { registerHooks } from 'node:module';
    registerHooks({ load(url, context, next) {
      if (url.endsWith('/programs/${file}'))
        for (const signal of ${JSON.stringify(signals)}) process.kill(process.pid, signal);
      return next(url, context);
    } });`,
  );
  return { NODE_OPTIONS: `--import=${hook}` };
}

async function confIn(folder: string, settings: string): Promise<string> {
  const conf = join(folder, 'ddns.conf');
  const port = await freePort();
  await writeFile(conf, `Port=${port}\nDatabase=hosts.db\nSocket=ddnsd.sock\n${settings}\n`);
  return conf;
}

test('signals › a signal while the program is loading does not end it', async (t) => {
  const conf = await confIn(await makeFolder(t), `Interface=127.0.0.1\n${threadsLine}`);
  const env = await whileLoading(t, 'ddnsd.js', [
    'SIGHUP',
    'SIGUSR1',
    'SIGUSR2',
    'SIGALRM',
    'SIGIO',
  ]);
  const { child, line, ended } = await startDdnsd(t, ['--conf', conf], env);
  await line(/name server is ready/);
  child.kill('SIGTERM');
  const { code, stderr } = await ended;
  t.deepEqual({ code, stderr }, { code: 0, stderr: '' });
});

test('signals › a signal while a worker is loading does not end it', async (t) => {
  const conf = await confIn(await makeFolder(t), 'Interface=127.0.0.1\nThreads=2');
  const env = await whileLoading(t, 'ddnsd-worker.js', [...habitual.slice(0, 5), 'SIGTERM']);
  const { child, line, ended } = await startDdnsd(t, ['--conf', conf], { ...env, DDNS_CORES: '3' });
  await line(/name server is ready/);
  child.kill('SIGTERM');
  const { code, stdout, stderr } = await ended;
  t.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  t.false(stdout.includes('a worker process'));
});

test('signals › other signals neither end nor suspend a daemon, nor open a debugger port', async (t) => {
  const conf = await confIn(await makeFolder(t), 'Interface=127.0.0.1\nThreads=2');
  const running = await startDdnsd(t, ['--conf', conf], { DDNS_CORES: '3' });
  const { child, line, ended } = running;
  await line(/name server is ready/);
  const before = workersOf(running);
  t.is(before.length, 2);
  for (const pid of [child.pid as number, ...before])
    for (const signal of habitual) process.kill(pid, signal);
  // Signals are delivered in the order of their numbers; this runs in a later round of the event loop.
  await line(/no changes/);
  t.deepEqual(workersOf(running), before);
  child.kill('SIGTERM');
  const { code, stdout, stderr } = await ended;
  t.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  t.false(stdout.includes('a worker process'));
});

for (const signal of ['SIGQUIT', 'SIGPWR'] as const)
  test(`signals › ${signal}, which some supervisors send, stops it like SIGTERM`, async (t) => {
    t.truthy(constants.signals[signal]);
    const conf = await confIn(await makeFolder(t), `Interface=127.0.0.1\n${threadsLine}`);
    const { child, line, ended } = await startDdnsd(t, ['--conf', conf]);
    await line(/name server is ready/);
    child.kill(signal);
    const { code, stdout } = await ended;
    t.is(code, 0);
    t.is(messages(stdout).at(-2), `info: ${signal} received, stopping`);
  });

test('signals › SIGHUP while it waits for its Interface reloads ddns.conf', async (t) => {
  const folder = await makeFolder(t);
  const conf = await confIn(folder, `Interface=203.0.113.7\n${threadsLine}`);
  const { child, line, ended } = await startDdnsd(t, ['--conf', conf, '--wait-for-interface']);
  await line(/waiting for the network/);
  await confIn(folder, 'Interface=127.0.0.1\nTTL=5');
  child.kill('SIGHUP');
  await line(/TTL=5: must be a number and a unit/);
  await confIn(folder, `Interface=127.0.0.1\nLogLevel=debug\n${threadsLine}`);
  child.kill('SIGHUP');
  await line(/name server is ready/);
  child.kill('SIGTERM');
  t.is((await ended).code, 0);
});
