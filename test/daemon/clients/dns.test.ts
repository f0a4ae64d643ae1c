// DNS over TCP on the port of nodes, asked by another implementation.
import test from 'ava';
import { askTcp, dataOf, decode, exchangeTcp, framed, queryOf } from '../../fixture/dns-client.ts';
import { startTestServer } from '../../fixture/name-server.ts';
import { openDeafClients } from '../../fixture/slow-clients.ts';
import { exchange, TcpClient } from '../../fixture/tcp-client.ts';

const id = '5f0c7a52-6e1b-4c1c-9a55-0f6f0f6d3b1e';

async function register(port: number, nodeId: string, nodePort: number, from = '127.0.0.1') {
  await exchange(port, `alive ${nodeId} ${nodePort}\n`, { from });
}

test('dns over TCP › hosts that register over TCP are addresses of the zone', async (t) => {
  const { port } = await startTestServer(t);
  await register(port, id, 4000);
  await register(port, 'second', 4001, '127.0.0.2');
  const answer = await askTcp(port, 'DyNaMo', 'A');
  t.is(answer.rcode, 'NOERROR');
  t.true(answer.flag_aa);
  t.is(answer.questions?.[0]?.name, 'DyNaMo');
  t.deepEqual(dataOf(answer), ['127.0.0.1', '127.0.0.2']);
});

test('dns over TCP › SRV records tell ports, targets and addresses at both names', async (t) => {
  const { port } = await startTestServer(t);
  await register(port, id, 4000);
  for (const name of ['dynamo', '_dynamo._tcp.dynamo']) {
    const { answers, additionals } = await askTcp(port, name, 'SRV');
    t.like(answers?.[0], {
      name,
      type: 'SRV',
      data: { port: 4000, target: `${id}.dynamo` },
    });
    t.like(additionals?.[0], { name: `${id}.dynamo`, type: 'A', data: '127.0.0.1' });
  }
});

test('dns over TCP › a node is found by its id as soon as it has registered', async (t) => {
  const { port } = await startTestServer(t);
  t.is((await askTcp(port, `${id}.dynamo`, 'A')).rcode, 'NXDOMAIN');
  await register(port, id, 4000);
  t.deepEqual(dataOf(await askTcp(port, `${id.toUpperCase()}.dynamo`, 'A')), ['127.0.0.1']);
  const [text] = dataOf(await askTcp(port, `${id}.dynamo`, 'TXT')) as [Buffer[]];
  t.deepEqual(text.map(String), [`id=${id} address=127.0.0.1:4000`]);
  await exchange(port, `leave ${id} 4000\n`);
  t.is((await askTcp(port, `${id}.dynamo`, 'A')).rcode, 'NXDOMAIN');
});

test('dns over TCP › many queries on one connection are all answered, wherever they are cut', async (t) => {
  const { port } = await startTestServer(t);
  await register(port, id, 4000);
  const queries = Array.from({ length: 200 }, (_, index) =>
    queryOf(index % 2 === 0 ? 'dynamo' : `${id}.dynamo`, 'A', { id: index }),
  );
  for (const pieces of [1, 7, 500]) {
    const answers = await exchangeTcp(port, framed(...queries), { pieces });
    const ids = answers.map((each) => decode(each).id).toSorted((a, b) => (a ?? 0) - (b ?? 0));
    t.deepEqual(
      ids,
      queries.map((_, index) => index),
    );
  }
});

test('dns over TCP › with Zone=none a connection that begins with DNS is refused', async (t) => {
  const server = await startTestServer(t, { settings: { zone: null } });
  t.is(
    await exchange(server.port, framed(queryOf('dynamo', 'A'))),
    'error malformed no dialect begins with byte 0x00; send a request such as: ping\n',
  );
  t.is((await server.status()).counters.malformed, 1);
});

test('dns over TCP › what is no query closes the connection, or gets an error, and harms nobody', async (t) => {
  const server = await startTestServer(t);
  const { port } = server;
  const response = queryOf('dynamo', 'A');
  response.writeUInt16BE(0x8000, 2);
  t.deepEqual(await exchangeTcp(port, framed(response)), []);
  for (const length of [0, 11])
    t.deepEqual(await exchangeTcp(port, framed(Buffer.alloc(length))), []);
  const [broken] = await exchangeTcp(port, framed(queryOf('dynamo', 'A').subarray(0, 14)));
  t.is(decode(broken as Buffer).rcode, 'FORMERR');
  t.deepEqual(await exchangeTcp(port, Buffer.from([2, 255, ...Buffer.alloc(40)])), []);
  t.is((await askTcp(port, 'dynamo', 'SOA')).answers?.length, 1);
  const { counters } = await server.status();
  t.is(counters.malformed, 2);
  t.is(counters.dnsDropped, 1);
  t.is(counters.dnsErrors, 1);
});

test('dns over TCP › a complete query takes the place of an incomplete request in a full backlog', async (t) => {
  const server = await startTestServer(t, { settings: { backlog: 1 } });
  const slow = await TcpClient.open(server.port, { from: '127.0.0.9' });
  slow.send('query ');
  await server.until(({ backlog }) => backlog.current === 1);
  const [answer] = await exchangeTcp(server.port, framed(queryOf('dynamo', 'A', { edns: 1_232 })));
  t.is(decode(answer as Buffer).rcode, 'NOERROR');
});

test('dns over TCP › without room in the backlog every query is answered SERVFAIL and why', async (t) => {
  const server = await startTestServer(t, { settings: { backlog: 2 } });
  const { port } = server;
  await openDeafClients(t, 2, { port, host: '127.0.0.1' }, await server.attach());
  const queries = [1, 2].map((id) => queryOf('dynamo', 'A', { edns: 1_232, id }));
  const answers = await exchangeTcp(port, framed(...queries));
  t.deepEqual(
    answers.map((each) => [decode(each).id, decode(each).rcode]),
    [
      [1, 'SERVFAIL'],
      [2, 'SERVFAIL'],
    ],
  );
  const text = Buffer.from('\0\x0f\0\x23\0\x0etoo busy; ask another name server');
  t.true(answers[0]?.includes(text), answers[0]?.toString('latin1'));
  t.is((await server.status()).counters.dnsBusy, 2);
});
