// The printing commands and `--serve` as a script runs them: no terminal, real processes, a real
// name server.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { connectIpc } from '../../../shared/ipc/client.ts';
import { viewNames } from '../../../tui/state/common-state.ts';
import { gone } from '../../daemon/program.ts';
import { lookUntil } from '../../fixture/look-until.ts';
import { programCommand } from '../../fixture/programs.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';
import {
  createRobotDaemon,
  createRobotPair,
  daemonOf,
  type RobotDaemon,
} from '../../robot/daemon.ts';
import { start, startCommand } from '../../robot/printing.ts';

/** What most tests need; those of a start or of an end have one of their own. */
const daemon = await daemonOf(test, { forgets: true });

/** One that does not run, with its ddns.conf in its folder. */
async function createIdle(t: ExecutionContext): Promise<RobotDaemon> {
  const idle = await createRobotDaemon();
  t.teardown(() => idle.close());
  return idle;
}

test.serial('printing › status and hosts of a real name server, as JSON and as text', async (t) => {
  for (let index = 1; index <= 3; index += 1)
    await daemon.register({ id: `node-${index}`, port: 20_000 + index, from: `127.0.1.${index}` });

  const status = await start('status', '--json', '--socket', daemon.socket).ended;
  t.is(status.code, 0);
  const parsed = JSON.parse(status.out);
  t.is(parsed.listen.port, daemon.port);
  t.deepEqual(parsed.hosts.live, 3);
  t.is(parsed.counters.registered, 3);
  t.deepEqual(Object.keys(parsed.backlog), ['limit', 'current', 'peak']);

  const hosts = await start(
    ...['hosts', '--json', '--socket', daemon.socket],
    ...['--sort', 'nodeId', '--descending', '--filter', '!node-2'],
  ).ended;
  const rows = hosts.out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.deepEqual(
    rows.map(({ address, nodeId, state, dialect }) => [address, nodeId, state, dialect]),
    [
      ['127.0.1.3:20003', 'node-3', 'live', 'native'],
      ['127.0.1.1:20001', 'node-1', 'live', 'native'],
    ],
  );
  t.true(rows.every(({ firstSeen }) => new Date(firstSeen).toISOString() === firstSeen));

  const text = await start('hosts', '--socket', daemon.socket, '--limit', '1').ended;
  t.regex(text.out, /^ADDRESS +NODE ID .*\n127\.0\.1\.1:20001 +node-1 .* live +native\n$/);
  const plain = await start('--socket', daemon.socket).ended;
  t.regex(plain.out, /^alarms +none\nserver +[0-9a-f]+ on /);
  t.false(plain.out.includes('\u001b'));
});

test.serial('printing › hosts are removed and pinged by their addresses', async (t) => {
  for (let index = 1; index <= 3; index += 1)
    await daemon.register({ id: `node-${index}`, port: 20_000 + index, from: `127.0.1.${index}` });
  const run = (...parameters: string[]) =>
    start('hosts', ...parameters, '--socket', daemon.socket).ended;
  const unasked = await run('remove', '127.0.1.1:20001');
  t.deepEqual([unasked.code, unasked.out], [2, '']);
  t.regex(unasked.err, /^error: cannot ask for confirmation without a terminal; add --yes/);
  t.is((await run('remove', '127.0.1.1', '--yes')).code, 2);
  t.is((await run('remove', '127.0.1.1:20001', '--yes', '--read-only')).code, 2);

  const pinged = await run('ping', '127.0.1.1:20001', '--json');
  t.is(pinged.code, 1);
  const { address, outcome, roundTripMs, reason } = JSON.parse(pinged.out);
  t.deepEqual([address, outcome, roundTripMs], ['127.0.1.1:20001', 'silent', null]);
  t.is(reason, 'connection refused');

  const some = await run('remove', '127.0.1.1:20001', '127.0.1.9:20009', '--yes');
  t.is(some.code, 1);
  t.is(some.out, 'removed 127.0.1.1:20001; it returns if the node registers again\n');
  t.is(some.err, 'ddns-tui: no live host at 127.0.1.9:20009; ddns-tui hosts lists them\n');
  // Named twice, it is removed once.
  const rest = ['127.0.1.2:20002', '127.0.1.3:20003', '127.0.1.2:20002'];
  const removed = await run('remove', ...rest, '--yes', '--json');
  t.is(removed.code, 0);
  t.deepEqual(
    removed.out.trimEnd().split('\n'),
    ['127.0.1.2:20002', '127.0.1.3:20003'].map((each) =>
      JSON.stringify({ address: each, outcome: 'removed', reason: null }),
    ),
  );
  t.is((await run('--json')).out, '');
});

test.serial('printing › peers are added to ddns.conf and removed from it, at once', async (t) => {
  const run = (...parameters: string[]) =>
    start('peers', ...parameters, '--socket', daemon.socket).ended;
  const conf = () => readFileSync(join(daemon.folder, 'ddns.conf'), 'utf8');
  const added = await run('add', 'Nowhere.invalid', '127.0.0.9:1', '--yes');
  t.is(added.code, 0, added.err);
  t.regex(added.out, /\nNameServers none → nowhere\.invalid:4524, 127\.0\.0\.9:1, active now\n$/);
  t.regex(conf(), /^NameServers=Nowhere\.invalid, 127\.0\.0\.9:1$/m);
  const listed = JSON.parse((await run('--json')).out) as { address: string }[];
  t.deepEqual(
    listed.map(({ address }) => address),
    ['nowhere.invalid:4524', '127.0.0.9:1'],
  );
  const again = await run('add', 'nowhere.invalid', '--yes');
  t.deepEqual(
    [again.code, again.err],
    [1, 'ddns-tui: not added: nowhere.invalid is in NameServers already\n'],
  );
  const wrong = await run('add', 'ns2-', '--yes');
  t.is(wrong.code, 2);
  t.regex(wrong.err, /"ns2-" is not a host name: "ns2-" must be letters, digits, hyphens and/);
  t.is((await run('remove', '127.0.0.9:1', '--yes', '--read-only')).code, 2);
  const removed = await run('remove', 'nowhere.invalid', '127.0.0.9:1', '--yes', '--json');
  t.like(JSON.parse(removed.out), {
    outcome: 'saved',
    changed: [{ name: 'NameServers', from: 'nowhere.invalid:4524, 127.0.0.9:1', to: 'none' }],
  });
  t.is((await run('--json')).out, '[]\n');
});

test.serial('printing › peers, redirects and drain of two real name servers', async (t) => {
  const [daemon, peer] = await createRobotPair();
  t.teardown(() => Promise.all([daemon.close(), peer.close()]));
  await Promise.all([daemon.start(), peer.start()]);
  const address = `127.0.0.3:${peer.port}`;
  const at = ['--socket', daemon.socket];
  const json = async (...parameters: string[]) => {
    const { code, out, err } = await start(...parameters, '--json', ...at).ended;
    t.deepEqual([code, err], [0, ''], err);
    return JSON.parse(out);
  };
  const [found] = await json('peers');
  t.like(found, { address, trouble: null });
  t.deepEqual(Object.keys(found), [
    ...['address', 'id', 'state', 'roundTripMs', 'lagMs', 'load'],
    ...['lag', 'clockMs', 'sharesWork', 'encrypted', 'trouble'],
    ...['version', 'pings', 'last'],
  ]);
  await untilAlive(daemon);
  const equal = { address, outcome: 'equal', received: 0, sent: 0 };
  t.deepEqual(await json('peers', 'sync'), [equal]);
  const synced = await start('peers', 'sync', address, ...at).ended;
  t.is(synced.out, `in sync with ${address}: nothing exchanged\n`);
  t.is((await start('peers', 'sync', '--read-only', ...at).ended).code, 2);
  const stranger = await start('peers', 'sync', '127.0.0.9', ...at).ended;
  t.is(stranger.code, 1);
  t.is(
    stranger.err,
    'ddns-tui: 127.0.0.9:4524 is not one of the other name servers; ddns-tui peers lists them\n',
  );
  t.like(await json('redirects'), { total: 0, recent: [], mode: 'load', isLoaded: false });

  const unasked = await start('drain', ...at).ended;
  t.deepEqual([unasked.code, unasked.out], [2, '']);
  t.regex(unasked.err, /^error: cannot ask for confirmation without a terminal; add --yes.*\n$/);
  t.is((await json('redirects')).mode, 'load');

  const drained = await start('drain', '--yes', ...at).ended;
  t.is(drained.code, 0);
  t.regex(drained.out, /^draining: redirecting nodes .* end it with: ddns-tui drain --stop\n$/);
  t.is((await json('redirects')).mode, 'drain');
  t.like(await json('drain', '--to', address, '--yes'), { mode: 'chosen', to: address });
  const unknown = await start('drain', '--to', '127.0.0.9', '--yes', ...at).ended;
  t.is(unknown.code, 1);
  t.is(
    unknown.err,
    'ddns-tui: 127.0.0.9:4524 is not one of the other name servers; ddns-tui peers lists them\n',
  );
  const status = await json('status');
  t.is(status.redirecting.since, new Date(status.redirecting.since).toISOString());
  t.like(await json('drain', '--stop', '--yes'), { mode: 'load', to: null });
  const readOnly = await start('drain', '--yes', '--read-only', ...at).ended;
  t.is(readOnly.code, 2);
});

/** There is a connection to its peer, and what was to be said on it is said. */
async function untilAlive({ socket }: RobotDaemon): Promise<void> {
  const client = await connectIpc(socket, { name: 'test', version: '0' });
  try {
    await lookUntil(
      () => client.status(),
      ({ peers }) => peers.every(({ lag }) => lag === 0),
    );
  } finally {
    client.close();
  }
}

test.serial('printing › without peers says so, and what to do', async (t) => {
  const at = ['--socket', daemon.socket];
  const hint = 'no peers configured; list them under NameServers in ddns.conf\n';
  t.is((await start('peers', ...at).ended).out, hint);
  t.is((await start('peers', '--json', ...at).ended).out, '[]\n');
  t.true((await start('redirects', '--limit', '3', ...at).ended).out.endsWith(hint));
  const drained = await start('drain', '--yes', ...at).ended;
  t.is(drained.code, 1);
  t.is(
    drained.err,
    'ddns-tui: no other name server to redirect nodes to: NameServers in ddns.conf is empty\n',
  );
});

test.serial('printing › a reader that has seen enough ends it quietly', async (t) => {
  for (let index = 1; index <= 50; index += 1)
    await daemon.register({ id: `node-${index}`, port: 20_000 + index });
  const command = programCommand('ddns-tui', 'hosts', '--json', '--socket', daemon.socket)
    .map((word) => `'${word}'`)
    .join(' ');
  const { code, out, err } = await startCommand([
    'bash',
    '-c',
    `set -o pipefail; ${command} | head -n 1 | wc -l`,
  ]).ended;
  t.deepEqual({ code, out: out.trim(), err }, { code: 0, out: '1', err: '' });
});

test.serial(
  'printing › an absent name server and a wrong word have their exit codes',
  async (t) => {
    const absent = await start('status', '--socket', join(makeFolder(t), 'none.sock')).ended;
    t.is(absent.code, 69);
    t.regex(absent.err, /^ddns-tui: no name server is listening on .*--socket PATH\n$/);
    const wrong = await start('peer').ended;
    t.is(wrong.code, 2);
    const views = [...viewNames, 'status'].join(', ');
    t.true(
      wrong.err.includes(
        `unknown view "peer"; the views are ${views}; the commands are hosts, peers`,
      ),
    );
    t.is((await start('--limit', '0').ended).code, 2);
    t.is((await start('--version').ended).code, 0);
  },
);

test.serial('printing › settings are printed, and set where nobody can be asked', async (t) => {
  const run = (...parameters: string[]) =>
    start('config', ...parameters, '--socket', daemon.socket).ended;
  const table = await run();
  t.is(table.code, 0);
  t.regex(table.out, /^\/.*ddns\.conf\n\nSETTING .*\n(.*\n)*Backlog +100 +- +100 +immediately\n/);
  t.is((await run('get', 'backlog')).out, '100\n');
  const unknown = await run('get', 'nope');
  t.deepEqual([unknown.code, unknown.out], [2, '']);
  const unasked = await run('set', 'Backlog=70');
  t.is(unasked.code, 2);
  t.regex(unasked.err, /^error: cannot ask for confirmation without a terminal; add --yes.*\n$/);
  t.is((await run('set', 'Backlog=70', '--yes', '--read-only')).code, 2);
  const wrong = await run('set', 'Backlog=7x', '--yes');
  t.deepEqual([wrong.code, wrong.out], [78, '']);
  t.regex(wrong.err, /Backlog=7x: must be 1 to 65535/);
  const { code, out } = await run('set', 'Backlog=70', 'Threads=2', '--yes', '--json');
  t.is(code, 0);
  t.like(JSON.parse(out), {
    outcome: 'saved',
    changed: [{ name: 'Backlog', from: '100', to: '70' }],
  });
  const found = JSON.parse((await run('get', 'Backlog', '--json')).out);
  t.like(found, { name: 'Backlog', value: '70', waiting: null });
});

test.serial(
  'serve › starts a name server, says how it does, and takes it away again',
  async (t) => {
    const idle = await createIdle(t);
    const first = start('--serve', idle.folder);
    const greeting = await first.prints(/name server \w+ listening on .*\n/);
    t.true(greeting.includes(`127.0.0.1:${idle.port} (pid `));
    await idle.register({ id: 'one', port: 20_001 });
    await first.prints(/\d\d:\d\d:\d\d UTC live 1 · [\d.]+ registered\/s · backlog 0\/100\n/);

    const second = start('--serve', idle.folder);
    t.is(
      await second.prints(/name server \w+ listening on .*\n/),
      greeting,
      'attached to the first one',
    );
    second.child.kill('SIGTERM');
    t.is((await second.ended).code, 0);
    t.regex(await idle.send('ping\n'), /^pong /, 'which goes on');

    first.child.kill('SIGINT');
    const { code, err } = await first.ended;
    t.deepEqual({ code, err }, { code: 0, err: '' });
    await t.throwsAsync(idle.send('ping\n'), { code: 'ECONNREFUSED' });
  },
);

test.serial('serve › the name server goes even when the console is killed', async (t) => {
  const idle = await createIdle(t);
  const served = start('--serve', idle.folder);
  const greeting = await served.prints(/name server .*pid \d+/);
  const pid = Number(/pid (\d+)/.exec(greeting)?.[1]);
  served.child.kill('SIGKILL');
  await served.ended;
  await gone(pid);
  await t.throwsAsync(idle.send('ping\n'), { code: 'ECONNREFUSED' });
});

test.serial(
  'serve › what the name server does not understand is said, with its exit code',
  async (t) => {
    const folder = makeFolder(t);
    writeFileSync(join(folder, 'ddns.conf'), 'Interface=127.0.0.1\nPort=70000\n');
    const { code, out, err } = await start('--serve', folder).ended;
    t.is(code, 78);
    t.is(out, '');
    t.regex(err, /ddns\.conf.*2.*70000/s);
  },
);

test.serial('serve › a port that is taken is said in one line, with what to do', async (t) => {
  const idle = await createIdle(t);
  t.teardown(await idle.occupyPort());
  const { code, out, err } = await start('--serve', idle.folder).ended;
  t.is(code, 1);
  t.is(out, '');
  t.regex(
    err,
    new RegExp(`^ddnsd: 127\\.0\\.0\\.1:${idle.port} is taken .* another Port in ddns.conf\n$`),
  );
});
