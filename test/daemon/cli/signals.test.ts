// Signals that other software sends by habit: log rotation, supervisors, terminals. Whenever they come,
// none ends the daemon, stops it, or opens a port for debuggers.
import { writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { freePort } from '../../fixture/free-port.ts';
import { threadsLine } from '../../fixture/threads.ts';
import { makeFolder, messages, startDdnsd, workersOf } from '../program.ts';

/** What logrotate, supervisors, terminals and timers send; each would end or stop a program that has no handler. */
const habitual = [
  'SIGHUP',
  'SIGUSR1',
  'SIGUSR2',
  'SIGALRM',
  'SIGIO',
  'SIGTTIN',
  'SIGTTOU',
] as const;

/** Sends `signals` to the process that loads the file of a program, before it runs. */
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

test('signals › what comes while the program is loaded does not end it', async (t) => {
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

test('signals › nor does what comes while a worker is loaded', async (t) => {
  const conf = await confIn(await makeFolder(t), 'Interface=127.0.0.1\nThreads=2');
  const env = await whileLoading(t, 'ddnsd-worker.js', [...habitual.slice(0, 5), 'SIGTERM']);
  const { child, line, ended } = await startDdnsd(t, ['--conf', conf], { ...env, DDNS_CORES: '3' });
  await line(/name server is ready/);
  child.kill('SIGTERM');
  const { code, stdout, stderr } = await ended;
  t.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  t.false(stdout.includes('a worker process'));
});

test('signals › none of them ends a daemon, stops it, or opens a port for debuggers', async (t) => {
  const conf = await confIn(await makeFolder(t), 'Interface=127.0.0.1\nThreads=2');
  const running = await startDdnsd(t, ['--conf', conf], { DDNS_CORES: '3' });
  const { child, line, ended } = running;
  await line(/name server is ready/);
  const before = workersOf(running);
  t.is(before.length, 2);
  for (const pid of [child.pid as number, ...before])
    for (const signal of habitual) process.kill(pid, signal);
  // Read behind them: signals are taken in the order of their numbers, and this is a later turn.
  await line(/no changes/);
  t.deepEqual(workersOf(running), before);
  child.kill('SIGTERM');
  const { code, stdout, stderr } = await ended;
  t.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  t.false(stdout.includes('a worker process'));
});

for (const signal of ['SIGQUIT', 'SIGPWR'] as const)
  test(`signals › ${signal}, with which some supervisors stop a program, stops it like SIGTERM`, async (t) => {
    t.truthy(constants.signals[signal]);
    const conf = await confIn(await makeFolder(t), `Interface=127.0.0.1\n${threadsLine}`);
    const { child, line, ended } = await startDdnsd(t, ['--conf', conf]);
    await line(/name server is ready/);
    child.kill(signal);
    const { code, stdout } = await ended;
    t.is(code, 0);
    t.is(messages(stdout).at(-2), `info: ${signal} received, stopping`);
  });

test('signals › SIGHUP while it waits for its Interface reads ddns.conf again', async (t) => {
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
