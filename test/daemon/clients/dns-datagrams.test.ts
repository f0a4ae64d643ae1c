// DNS over UDP: what a resolver sees, and what somebody sees who forges addresses.
import { Resolver } from 'node:dns/promises';
import test from 'ava';
import { cookieIn, dataOf, decode, queryOf } from '../../fixture/dns-client.ts';
import { startTestServer } from '../../fixture/name-server.ts';
import { openDeafClients, openSlowClients } from '../../fixture/slow-clients.ts';
import { exchange } from '../../fixture/tcp-client.ts';
import { UdpClient } from '../../fixture/udp-client.ts';

const service = { service: 2, protocol: 0 } as const;
const id = '5f0c7a52-6e1b-4c1c-9a55-0f6f0f6d3b1e';

async function ask(client: UdpClient, query: Uint8Array) {
  return decode(Buffer.from(await client.ask(query), 'latin1'));
}

test('dns over UDP › resolvers of Node find hosts, services, nodes and the status', async (t) => {
  const { port } = await startTestServer(t, { settings: service });
  await exchange(port, `alive ${id} 4000\n`);
  const resolver = new Resolver({ timeout: 30_000, tries: 2 });
  resolver.setServers([`127.0.0.1:${port}`]);
  t.deepEqual(await resolver.resolve4('dynamo'), ['127.0.0.1']);
  // Node 22 names no type.
  t.like(await resolver.resolveSrv('_dynamo._tcp.dynamo'), [
    { name: `${id}.dynamo`, port: 4000, priority: 0, weight: 0 },
  ]);
  const [node] = await resolver.resolve4(`${id}.dynamo`, { ttl: true });
  t.is(node?.address, '127.0.0.1');
  t.true((node?.ttl ?? 0) > 3_500, `${node?.ttl}`);
  t.regex(String(await resolver.resolveTxt('_status.dynamo')), /^hosts=1 age=\d+ servers=1$/);
  t.is((await resolver.resolveSoa('dynamo')).nsname, 'ns1.dynamo');
  t.deepEqual(await resolver.resolveNs('dynamo'), ['ns1.dynamo']);
  await t.throwsAsync(resolver.resolve4('nobody.dynamo'), { code: 'ENOTFOUND' });
  await t.throwsAsync(resolver.resolve6('dynamo'), { code: 'ENODATA' });
  await t.throwsAsync(resolver.resolve4('example.org'), { code: 'EREFUSED' });
});

test('dns over UDP › a host is a service of the transport in which it registered', async (t) => {
  const { port } = await startTestServer(t, { settings: service });
  await exchange(port, 'alive over-tcp 4000\n');
  const node = await UdpClient.open(t, port);
  const cookie = await node.cookie();
  t.is(await node.ask(`alive over-udp 4001 cookie=${cookie}\n`), 'ok\n');
  const resolver = new Resolver({ timeout: 30_000, tries: 2 });
  resolver.setServers([`127.0.0.1:${port}`]);
  const namesOf = async (name: string) =>
    (await resolver.resolveSrv(name)).map((each) => each.name).toSorted();
  t.deepEqual(await namesOf('_dynamo._tcp.dynamo'), ['over-tcp.dynamo']);
  t.deepEqual(await namesOf('_dynamo._udp.dynamo'), ['over-udp.dynamo']);
  t.deepEqual(await namesOf('dynamo'), ['over-tcp.dynamo', 'over-udp.dynamo']);
});

test('dns over UDP › a cookie that comes back is believed, at its source alone', async (t) => {
  const server = await startTestServer(t, { settings: service });
  const { port } = server;
  const client = await UdpClient.open(t, port);
  const clientCookie = Buffer.from('0102030405060708', 'hex');
  const first = await ask(client, queryOf('dynamo', 'SOA', { edns: 1_232, cookie: clientCookie }));
  const cookie = cookieIn(first);
  t.is(cookie.length, 24);
  t.deepEqual(cookie.subarray(0, 8), clientCookie);
  // More than an unproven network is answered.
  for (let i = 0; i < 300; i++)
    t.is((await ask(client, queryOf('dynamo', 'SOA', { edns: 1_232, cookie }))).flag_tc, false);
  t.is((await server.status()).counters.dnsLimited, 0);
  const another = await UdpClient.open(t, port, { from: '127.0.0.2' });
  const stolen = queryOf('dynamo', 'SOA', { edns: 1_232, cookie });
  for (let i = 0; i < 300; i++) another.send(stolen);
  await server.until(({ counters }) => counters.dnsUdp >= 601);
  // How many depends on how fast they came.
  t.true((await server.status()).counters.dnsLimited > 0);
});

test('dns over UDP › half of the queries that are too many for a network are told of TCP', async (t) => {
  const server = await startTestServer(t, { settings: service });
  const client = await UdpClient.open(t, server.port);
  for (let i = 0; i < 300; i++) client.send(queryOf('dynamo', 'SOA'));
  const { counters } = await server.until(({ counters }) => counters.dnsUdp === 300);
  t.true(counters.dnsLimited > 0);
  const truncated = counters.dnsTruncated;
  t.is(truncated, Math.floor(counters.dnsLimited / 2));
  const answers = 300 - counters.dnsLimited + truncated;
  const received: boolean[] = [];
  while (received.length < answers)
    received.push(decode(Buffer.from(await client.read(), 'latin1')).flag_tc);
  t.is(received.filter((isTruncated) => isTruncated).length, truncated);
});

test('dns over UDP › while the backlog is full every query is answered SERVFAIL and why, then answered again', async (t) => {
  const server = await startTestServer(t, { settings: { ...service, backlog: 2 } });
  const { port } = server;
  const client = await UdpClient.open(t, port);
  const at = { port, host: '127.0.0.1' };
  const deaf = await openDeafClients(t, 2, at, await server.attach());
  const text = Buffer.from('\0\x0f\0\x23\0\x0etoo busy; ask another name server');
  for (const [name, type] of [
    ['dynamo', 'A'],
    ['dynamo', 'SOA'],
    [`${id}.dynamo`, 'A'],
    ['_status.dynamo', 'TXT'],
  ] as const) {
    const answer = Buffer.from(await client.ask(queryOf(name, type, { edns: 1_232 })), 'latin1');
    t.is(decode(answer).rcode, 'SERVFAIL', `${name} ${type}`);
    t.true(answer.includes(text));
    t.is((await ask(client, queryOf(name, type))).rcode, 'SERVFAIL', 'without EDNS');
  }
  const { counters } = await server.status();
  t.is(counters.dnsBusy, 8);
  t.is(counters.dnsErrors, 0);
  for (const each of deaf) each.destroy();
  await server.until(({ backlog }) => backlog.current === 0);
  t.is((await ask(client, queryOf('dynamo', 'SOA'))).rcode, 'NOERROR');
});

test('dns over UDP › a request that is incomplete is no reason to turn a query away, nor is it ended for it', async (t) => {
  const server = await startTestServer(t, { settings: { ...service, backlog: 1 } });
  const [slow] = await openSlowClients(t, 1, { port: server.port, host: '127.0.0.1' });
  const client = await UdpClient.open(t, server.port);
  for (let i = 0; i < 5; i++) t.is((await ask(client, queryOf('dynamo', 'SOA'))).rcode, 'NOERROR');
  t.is(await slow?.ask('00\n'), 'ok\n');
});

test('dns over UDP › EDNS of another version, two questions and other opcodes get their errors', async (t) => {
  const { port } = await startTestServer(t, { settings: service });
  const client = await UdpClient.open(t, port);
  const version1 = queryOf('dynamo', 'A', { edns: 1_232 });
  version1[version1.length - 5] = 1;
  const bad = await ask(client, version1);
  const opt = bad.additionals?.[0];
  t.is(opt?.type === 'OPT' && opt.extendedRcode, 1);
  t.is(bad.rcode, 'NOERROR');
  const two = queryOf('dynamo', 'A');
  two.writeUInt16BE(2, 4);
  t.is((await ask(client, two)).rcode, 'FORMERR');
  const notify = queryOf('dynamo', 'A');
  notify[2] = 0x20;
  t.is((await ask(client, notify)).rcode, 'NOTIMP');
  t.deepEqual(dataOf(await ask(client, queryOf('dynamo', 'A'))), []);
});
