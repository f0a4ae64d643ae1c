// DNS asked over IPv6, of a daemon that listens at all addresses. Where the machine has no ::1, nothing is tested.
import { execFile, spawnSync } from 'node:child_process';
import { Resolver } from 'node:dns/promises';
import { writeFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import anyTest, { type ExecutionContext } from 'ava';
import { cookieIn, decode, queryOf } from '../../fixture/dns-client.ts';
import { freePort } from '../../fixture/free-port.ts';
import { exchange } from '../../fixture/tcp-client.ts';
import { threadsLine } from '../../fixture/threads.ts';
import { UdpClient } from '../../fixture/udp-client.ts';
import { makeFolder, startDdnsd } from '../program.ts';

const hasIpv6 = Object.values(networkInterfaces()).some((links) =>
  links?.some(({ address }) => address === '::1'),
);
const test = hasIpv6 ? anyTest : anyTest.skip;
const testDig = spawnSync('dig', ['-v']).error === undefined ? test : anyTest.skip;

/** A daemon at all addresses, with a node at ::1 and one at 127.0.0.9; returns its port. */
async function start(t: ExecutionContext): Promise<number> {
  const folder = await makeFolder(t);
  const port = await freePort();
  const conf = join(folder, 'ddns.conf');
  await writeFile(
    conf,
    `Domain=10\nInterface=::\nPort=${port}\nDatabase=h.db\nSocket=s.sock\nService=2\n${threadsLine}\n`,
  );
  const { line } = await startDdnsd(t, ['--conf', conf]);
  await line(/name server is ready/);
  t.is(await exchange(port, 'alive six 4000\n', { host: '::1' }), 'ok\n');
  t.is(await exchange(port, 'alive four 4001\n', { from: '127.0.0.9' }), 'ok\n');
  return port;
}

test('dns over IPv6 › a resolver of Node at ::1 finds hosts of both families', async (t) => {
  const resolver = new Resolver({ timeout: 30_000, tries: 2 });
  resolver.setServers([`[::1]:${await start(t)}`]);
  t.deepEqual(await resolver.resolve6('dynamo'), ['::1']);
  t.deepEqual(await resolver.resolve4('dynamo'), ['127.0.0.9']);
  t.deepEqual(await resolver.resolve6('six.dynamo'), ['::1']);
  t.deepEqual(await resolver.resolveTxt('six.dynamo'), [['id=six address=[::1]:4000']]);
  await t.throwsAsync(resolver.resolve4('six.dynamo'), { code: 'ENODATA' });
  // Of the addresses behind ::, which depend on the machine.
  t.true((await resolver.resolve6('ns1.dynamo')).includes('::1'));
  t.true((await resolver.resolve4('ns1.dynamo')).includes('127.0.0.1'));
  t.deepEqual(
    (await resolver.resolveSrv('_dynamo._tcp.dynamo')).map(({ name, port }) => [name, port]).sort(),
    [
      ['four.dynamo', 4001],
      ['six.dynamo', 4000],
    ],
  );
});

testDig('dns over IPv6 › dig finds both, at ::1 and at 127.0.0.1, over UDP and TCP', async (t) => {
  const port = await start(t);
  const dig = async (...args: string[]) =>
    (await promisify(execFile)('dig', ['-p', String(port), '+time=5', '+norecurse', ...args]))
      .stdout;
  for (const server of ['@::1', '@127.0.0.1'])
    for (const transport of ['+notcp', '+tcp']) {
      t.is(await dig(server, transport, '+short', 'dynamo', 'AAAA'), '::1\n');
      t.is(await dig(server, transport, '+short', 'dynamo', 'A'), '127.0.0.9\n');
      const service = await dig(server, transport, 'six.dynamo', 'SRV');
      t.regex(service, /IN\s+SRV\s+0 0 4000 six\.dynamo\..*IN\s+AAAA\s+::1\n/s);
      t.regex(service, /COOKIE: [0-9a-f]{48} \(good\)/);
    }
});

test('dns over IPv6 › a cookie of ::1 is believed there, and not from an IPv4 address', async (t) => {
  const port = await start(t);
  const six = await UdpClient.open(t, port, { host: '::1' });
  const four = await UdpClient.open(t, port);
  const ask = async (client: UdpClient, cookie: Buffer) =>
    decode(
      Buffer.from(await client.ask(queryOf('dynamo', 'AAAA', { edns: 1_232, cookie })), 'latin1'),
    );
  const cookie = cookieIn(await ask(six, Buffer.from('0102030405060708', 'hex')));
  // More than a network without a cookie is answered.
  for (let i = 0; i < 300; i++) t.deepEqual(cookieIn(await ask(six, cookie)), cookie);
  t.notDeepEqual(cookieIn(await ask(four, cookie)), cookie);
});
