// Hosts in files, as an operator moves them from one name server to another: real programs, no terminal.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import test, { type ExecutionContext } from 'ava';
import { lookUntil } from '../../fixture/look-until.ts';
import { programCommand } from '../../fixture/programs.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';
import { createRobotDaemon, createRobotPair, type RobotDaemon } from '../../robot/daemon.ts';
import { start } from '../../robot/printing.ts';

async function started(t: ExecutionContext, daemon: RobotDaemon): Promise<RobotDaemon> {
  t.teardown(() => daemon.close());
  await daemon.start();
  return daemon;
}

const hosts = ({ socket }: RobotDaemon, ...parameters: string[]) =>
  start('hosts', ...parameters, '--socket', socket).ended;

/** A line for each of `count` hosts that were seen an hour ago, from 10.0.0.0 on. */
function linesOf(count: number): string {
  const lastSeen = new Date(Date.now() - 3_600_000).toISOString();
  return Array.from({ length: count }, (_, i) => {
    const address = `10.0.${i >>> 8}.${i & 255}:4000`;
    return `${JSON.stringify({ address, nodeId: `n${i}`, lastSeen })}\n`;
  }).join('');
}

test('hosts file › what one name server exports another one imports, and its peer gets it', async (t) => {
  const source = await started(t, await createRobotDaemon());
  const [daemon, peer] = await createRobotPair();
  for (const each of [daemon, peer]) await started(t, each);
  const file = join(makeFolder(t), 'hosts.jsonl');
  t.is((await hosts(source, 'import', '-', '--yes')).code, 0, 'an empty input has no host');
  for (let port = 1; port <= 5; port++) await source.register({ id: `node-${port}`, port });
  const exported = await hosts(source, 'export', file);
  t.deepEqual(exported, { code: 0, out: `${file}: 5 hosts\n`, err: '' });
  t.is(readFileSync(file, 'utf8'), (await hosts(source, '--json')).out);
  t.is((await hosts(source, 'export', '-')).out, readFileSync(file, 'utf8'));

  const imported = await hosts(daemon, 'import', file, '--yes');
  t.deepEqual(imported, { code: 0, out: 'stored 5, known 0, refused 0\n', err: '' });
  const again = await hosts(daemon, 'import', file, '--yes', '--json');
  t.deepEqual(JSON.parse(again.out), { stored: 0, known: 5, refused: {}, invalid: 0 });
  const addresses = (out: string) => [...out.matchAll(/"address":"([^"]+)"/g)].map(([, a]) => a);
  const found = await lookUntil(
    async () => addresses((await hosts(peer, '--json')).out),
    ({ length }) => length === 5,
  );
  t.deepEqual(found, addresses(readFileSync(file, 'utf8')));
});

test('hosts file › more than one batch comes from a pipe, and is there after a kill', async (t) => {
  const daemon = await started(t, await createRobotDaemon());
  const [program, ...parameters] = programCommand(
    ...(['ddns-tui', 'hosts', 'import', '-', '--yes', '--socket', daemon.socket] as const),
  );
  const child = spawn(program, parameters, { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(linesOf(1_300));
  t.is(await text(child.stdout), 'stored 1,300, known 0, refused 0\n');
  await daemon.kill('SIGKILL');
  await daemon.start();
  t.is((await hosts(daemon, 'export', '-')).out.split('\n').length - 1, 1_300);
});

test('hosts file › wrong lines are named, and the others are imported', async (t) => {
  const daemon = await started(t, await createRobotDaemon());
  const file = join(makeFolder(t), 'hosts.jsonl');
  const lines = linesOf(2).split('\n');
  const group = (lines[0] as string).replace('10.0.0.0', '224.0.0.1');
  const old = (lines[1] as string).replace('10.0.0.1', '10.0.0.9').replace(/20\d\d-/, '2001-');
  writeFileSync(file, [lines[0], 'nonsense', lines[1], '{"address":"x"}', group, old].join('\n'));
  const { code, out, err } = await hosts(daemon, 'import', file, '--yes');
  t.is(code, 1);
  t.is(
    out,
    'stored 2, known 0, refused 2, wrong lines 2\n' +
      '  1: no host can have the address\n' +
      '  1: not seen for so long that it may have left since\n',
  );
  t.is(
    err,
    'ddns-tui: line 2: nonsense is no JSON object\n' +
      'ddns-tui: line 4: address "x" is wrong: it must be ip:port, IPv6 in brackets\n',
  );
  const log = await start('log', '--json', '--filter', 'imported', '--socket', daemon.socket).ended;
  t.is(JSON.parse(log.out).msg, '2 of 4 hosts imported by an operator');
});

test('hosts file › nothing is imported without a yes, by a reader, or from nowhere', async (t) => {
  const daemon = await started(t, await createRobotDaemon());
  const folder = makeFolder(t);
  const file = join(folder, 'hosts.jsonl');
  writeFileSync(file, linesOf(1));
  t.is((await hosts(daemon, 'import', file)).code, 2);
  t.is((await hosts(daemon, 'import', file, '--yes', '--read-only')).code, 2);
  t.regex((await hosts(daemon, 'import', folder, '--yes')).err, /is a folder; name a file/);
  const missing = await hosts(daemon, 'import', join(folder, 'no'), '--yes');
  t.deepEqual([missing.code, missing.err], [1, `ddns-tui: ${folder}/no does not exist\n`]);
  t.is((await hosts(daemon, '--json')).out, '');
  const there = await hosts(daemon, 'export', file);
  t.regex(there.err, /exists; name another file, or replace it with --force/);
  t.deepEqual(readdirSync(folder), ['hosts.jsonl']);
});
