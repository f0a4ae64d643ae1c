// Threads=2: who is in the backlog is known to the processes that have the connections; the main one asks
// them. One that does not answer is said to be missing, and the rest is told all the same.
import test, { type ExecutionContext } from 'ava';
import type { IpcClient } from '../../../shared/ipc/client.ts';
import { type Backlog, ipcErrors } from '../../../shared/ipc/contract.ts';
import { lookUntil } from '../../fixture/look-until.ts';
import { openSlowClients } from '../../fixture/slow-clients.ts';
import { TcpClient } from '../../fixture/tcp-client.ts';
import { openTls } from '../../fixture/tls-client.ts';
import { Daemons } from '../daemons.ts';
import { gone, workersOf } from '../program.ts';

/** On one core there is one process. */
const { serial } = test;

const secret = 'a secret of some length, shared';
const host = '127.0.0.2';

async function start(t: ExecutionContext, lines: readonly string[] = []) {
  t.timeout(60_000);
  const daemons = await Daemons.prepare(t, [host], ['Threads=2', ...lines]);
  const running = await daemons.start(0);
  const console = await daemons.attach(0);
  return { at: { port: daemons.port, host }, daemons, running, console };
}

function until(console: IpcClient, isSo: (backlog: Backlog) => boolean): Promise<Backlog> {
  return lookUntil(() => console.backlog(), isSo);
}

/** Opens slow clients until both workers have some: which of them takes one is the system's choice. */
async function openOnBoth(
  t: ExecutionContext,
  at: { port: number; host: string },
  console: IpcClient,
) {
  const slow: TcpClient[] = [];
  for (;;) {
    slow.push(...(await openSlowClients(t, 6, at)));
    const { entries } = await until(console, ({ total }) => total === slow.length);
    if (new Set(entries.map(processOf)).size === 2) return slow;
  }
}

function sourceOf({ socket }: TcpClient): string {
  return `${socket.localAddress}:${socket.localPort}`;
}

/** The number of the process that has the connection. */
function processOf({ id }: { id: string }): string {
  return id.split('-')[0] ?? '';
}

serial('workers › a console lists the connections of all processes', async (t) => {
  const { at, console } = await start(t, [`Secret=${secret}`]);
  const slow = await openOnBoth(t, at, console);
  const inside = await openTls(at.port, secret, { host, from: '127.0.0.1' });
  await inside.ask('ping\nalive inside 40');
  const idle = await TcpClient.open(at.port, { host });
  await idle.ask('ping\n');
  const silent = await TcpClient.open(at.port, { host });
  const backlog = await until(console, (each) => each.silent === 1);
  const { total, entries, missing } = backlog;
  const all = slow.length + 1;
  t.deepEqual([total, entries.length, backlog.idle, missing], [all, all, 1, []]);
  const plain = entries.filter(({ encrypted }) => !encrypted);
  t.deepEqual(
    plain.map(({ source }) => source).sort(),
    slow.map(sourceOf).sort(),
    'each is there once',
  );
  t.is(new Set(entries.map(({ id }) => id)).size, all);
  t.deepEqual([...new Set(plain.map(processOf))].sort(), ['1', '2']);
  // What comes inside TLS is the main process's.
  t.deepEqual(entries.filter(({ encrypted }) => encrypted).map(processOf), ['0']);
  t.deepEqual(
    entries.map(({ since }) => since),
    entries.map(({ since }) => since).sort((a, b) => a - b),
  );
  for (const client of [inside, idle, silent]) client.destroy();
});

serial('workers › a connection is closed, whichever process has it', async (t) => {
  const { at, console } = await start(t, [`Secret=${secret}`]);
  const slow = await openOnBoth(t, at, console);
  const inside = await openTls(at.port, secret, { host, from: '127.0.0.1' });
  await inside.ask('ping\nalive inside 40');
  const { entries } = await until(console, ({ total }) => total === slow.length + 1);
  for (const number of ['0', '1', '2']) {
    const { id = '', source = '' } = entries.find((each) => processOf(each) === number) ?? {};
    t.is((await console.closeConnection(id)).source, source);
    await (number === '0' ? inside : slow.find((each) => sourceOf(each) === source))?.closed;
    await t.throwsAsync(console.closeConnection(id), { code: ipcErrors.unknownConnection });
  }
  const left = await until(console, ({ total }) => total === slow.length - 2);
  t.is(left.entries.length, slow.length - 2);
  const { activity } = await console.subscribe(() => {});
  t.is(activity.filter(({ kind }) => kind === 'closed').length, 3);
});

serial('workers › a worker that does not answer is missing, the others are listed', async (t) => {
  const { at, daemons, running, console } = await start(t);
  const count = (await openOnBoth(t, at, console)).length;
  const all = await console.backlog();
  // By then both have told how many they have.
  await daemons.statusUntil(0, ({ backlog }) => backlog.current === count);
  const [stopped = 0] = workersOf(running);
  process.kill(stopped, 'SIGSTOP');
  t.teardown(() => process.kill(stopped, 'SIGCONT'));
  const { total, entries, missing } = await console.backlog();
  const [silent] = missing;
  const number = String(silent?.number);
  t.deepEqual([missing.length, silent?.pid], [1, stopped]);
  const ofOther = all.entries.filter((each) => processOf(each) !== number);
  t.deepEqual(entries.map(({ id }) => id).sort(), ofOther.map(({ id }) => id).sort());
  t.deepEqual(
    [total, silent?.backlog, silent?.open],
    [count, count - ofOther.length, count - ofOther.length],
  );
  const entry = all.entries.find((each) => processOf(each) === number);
  await t.throwsAsync(console.closeConnection(entry?.id ?? ''), {
    code: ipcErrors.noAnswer,
    message: `worker process ${number} did not confirm that it closed connection ${entry?.id}; check with ddns-tui backlog, then try again`,
  });
  const { activity } = await console.subscribe(() => {});
  t.deepEqual(
    activity.filter(({ kind }) => kind === 'closed').map(({ text }) => text),
    [
      `requested by an operator: worker process ${number} did not confirm that it closed connection ${entry?.id}`,
    ],
  );
  process.kill(stopped, 'SIGCONT');
  // What it was asked meanwhile it does now, and its late answers disturb nobody.
  const after = await until(
    console,
    (each) => each.missing.length === 0 && each.total === count - 1,
  );
  t.false(after.entries.some(({ id }) => id === entry?.id));
});

serial(
  'workers › the connections of a worker that ended are gone, and their ids are not used again',
  async (t) => {
    const { at, daemons, running, console } = await start(t);
    const count = (await openOnBoth(t, at, console)).length;
    const all = await console.backlog();
    const victim = workersOf(running)[0] as number;
    process.kill(victim, 'SIGKILL');
    await gone(victim);
    await daemons.statusUntil(0, ({ threads }) => threads.running === 2);
    const after = await console.backlog();
    const lost = all.entries.filter(({ id }) => !after.entries.some((each) => each.id === id));
    t.is(lost.length, count - after.total);
    await t.throwsAsync(console.closeConnection(lost[0]?.id ?? ''), {
      code: ipcErrors.unknownConnection,
    });
    // Whoever comes to the new one has a number that was not used before.
    let now = after;
    while (!now.entries.some((each) => Number(processOf(each)) > 2)) {
      await openSlowClients(t, 6, at);
      const next = now.total + 6;
      now = await until(console, ({ total }) => total === next);
    }
    const ids = new Set([...all.entries, ...now.entries].map(({ id }) => id));
    t.is(ids.size, count + now.total - after.total);
  },
);
