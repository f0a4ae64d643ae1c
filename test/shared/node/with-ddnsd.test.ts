// ddns-node and the first nodes' client with two real ddnsd processes that keep one list.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { areAlive, Daemons } from '../../daemon/daemons.ts';
import { within } from '../../fixture/look-until.ts';
import { programFile } from '../../fixture/programs.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';

interface Running {
  child: ChildProcess;
  /** Resolves once standard error matches. */
  said(pattern: RegExp): Promise<RegExpExecArray>;
  ended: Promise<{ code: number | null; out: string }>;
}

/** Whoever looks into the servers' lists for the tests is in them, too. */
function withoutWatcher(out: string): string {
  return out.replace(/^.*127\.0\.8\.1:65535\n/gm, '');
}

function startNode(t: ExecutionContext, ...args: string[]): Running {
  const child = spawn(process.execPath, [programFile('ddns-node'), ...args]);
  t.teardown(() => {
    child.kill('SIGKILL');
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  const ended = once(child, 'close').then(([code]) => ({ code, out: withoutWatcher(out) }));
  const said = async (pattern: RegExp) => {
    for (;;) {
      const match = pattern.exec(err);
      if (match !== null) return match;
      const isOver = await within(Promise.race([once(child.stderr, 'data'), ended]), () => err);
      if ('code' in isOver) throw new Error(`ended: ${err}`);
    }
  };
  return { child, said, ended };
}

async function startPair(t: ExecutionContext) {
  const daemons = await Daemons.prepare(t, ['127.0.0.2', '127.0.0.3']);
  for (const index of [0, 1]) await daemons.start(index);
  for (const index of [0, 1])
    await daemons.statusUntil(index, ({ peers }) => areAlive(1)(peers) && peers[0]?.lag === 0);
  return daemons;
}

test.serial(
  'with ddnsd › a node joins, another finds it through another name server, and its leave removes it everywhere',
  async (t) => {
    t.timeout(60_000);
    const daemons = await startPair(t);
    const server = (index: number) => `${daemons.ips[index]}:${daemons.port}`;
    const first = startNode(t, '--listen', '127.0.9.1:0', '--server', server(0));
    const [, firstAddress] = await first.said(
      /(127\.0\.9\.1:\d+) \(\S+\) joined through 127\.0\.0\.2:/,
    );
    await daemons.hostsUntil(1, 1);
    const second = startNode(t, '--listen', '127.0.9.2:0', '--server', server(1), '--id', 'second');
    const [, secondAddress] = await second.said(
      /(127\.0\.9\.2:\d+) \(second\) joined through 127\.0\.0\.3:/,
    );
    t.deepEqual(await daemons.hostsUntil(0, 2), new Set([firstAddress, secondAddress]));
    t.deepEqual(await daemons.hostsUntil(1, 2), new Set([firstAddress, secondAddress]));
    second.child.kill('SIGTERM');
    t.deepEqual(await second.ended, { code: 0, out: `+ ${firstAddress}\n` });
    t.deepEqual(await daemons.hostsUntil(0, 1), new Set([firstAddress]));
    t.deepEqual(await daemons.hostsUntil(1, 1), new Set([firstAddress]));
    const third = startNode(
      ...([t, '--listen', '127.0.9.3:0', '--server', server(1), '--once'] as const),
    );
    t.deepEqual(await third.ended, { code: 0, out: `${firstAddress}\n` });
    await daemons.hostsUntil(0, 1);
  },
);

test.serial(
  'with ddnsd › a node whose name servers die is found through a node that knows it',
  async (t) => {
    t.timeout(60_000);
    const daemons = await startPair(t);
    const servers = daemons.ips.flatMap((ip) => ['--server', `${ip}:${daemons.port}`]);
    const first = startNode(t, '--listen', '127.0.9.1:0', ...servers);
    const [, firstAddress] = await first.said(/(127\.0\.9\.1:\d+) \(\S+\) joined/);
    const second = startNode(t, '--listen', '127.0.9.2:0', ...servers);
    const [, secondAddress] = await second.said(/(127\.0\.9\.2:\d+) \(\S+\) joined .+; hosts: 1\n/);
    for (const index of [0, 1]) await daemons.kill(index);
    const known = join(makeFolder(t), 'known');
    await writeFile(known, `${secondAddress}\n`);
    const third = startNode(
      ...([
        t,
        '--listen',
        '127.0.9.3:0',
        ...servers,
        '--known',
        known,
        '--once',
        '--json',
      ] as const),
    );
    await third.said(/no name server answered; the list comes from known nodes\n/);
    const { code, out } = await third.ended;
    const { server, hosts } = JSON.parse(out);
    t.deepEqual([code, server, hosts], [69, null, [secondAddress, firstAddress]]);
  },
);

/** As the first nodes do it: one message in a fixed buffer, one read, what came is parsed. */
async function askAsFirstNode(host: string, port: number, localAddress: string): Promise<string> {
  const socket = connect({ host, port, localAddress });
  const message = Buffer.alloc(1_024);
  message.write('1/123e4567-e89b-42d3-a456-426614174000/4000/');
  socket.write(message);
  const [read] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return read.toString();
}

test.serial('with ddnsd › a first node reads once, and understands what it gets', async (t) => {
  t.timeout(60_000);
  const daemons = await startPair(t);
  const { port, ips } = daemons;
  const [host, other] = ips as [string, string];
  t.is(await askAsFirstNode(host, port, '127.0.9.1'), 'root');
  t.is(await askAsFirstNode(host, port, '127.0.9.2'), '127.0.9.1:4000;');
  const console = await daemons.attach(0);
  await console.drain();
  const redirect = await askAsFirstNode(host, port, '127.0.9.3');
  t.is(redirect, `4/ddnsd/${other},${port}/`);
  const [, , place = ''] = redirect.split('/');
  const [ip = '', digits] = place.split(',');
  t.deepEqual(
    new Set((await askAsFirstNode(ip, Number(digits), '127.0.9.3')).split(';')),
    new Set(['127.0.9.1:4000', '127.0.9.2:4000', '']),
  );
});
