// DNS with two worker processes, which have no node ids: they ask the main process, and answer from its snapshots.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { connectIpc } from '../../../shared/ipc/client.ts';
import {
  cookieIn,
  dataOf,
  decode,
  exchangeTcp,
  framed,
  queryOf,
} from '../../fixture/dns-client.ts';
import { freePort } from '../../fixture/free-port.ts';
import { lookUntil } from '../../fixture/look-until.ts';
import { openDeafClients } from '../../fixture/slow-clients.ts';
import { exchange } from '../../fixture/tcp-client.ts';
import { UdpClient } from '../../fixture/udp-client.ts';
import { makeFolder, startDdnsd } from '../program.ts';

const id = '5f0c7a52-6e1b-4c1c-9a55-0f6f0f6d3b1e';

test("dns workers › both answer about the network and about nodes, take each other's cookies, and are counted", async (t) => {
  const folder = await makeFolder(t);
  const [port, dnsPort] = [await freePort(), await freePort()];
  const conf = join(folder, 'ddns.conf');
  await writeFile(
    conf,
    `Interface=127.0.0.1\nPort=${port}\nDnsPort=${dnsPort}\nService=2\nDatabase=h.db\nSocket=s.sock\nThreads=2\n`,
  );
  const running = await startDdnsd(t, ['--conf', conf]);
  await running.line(/name server is ready/);
  await exchange(port, `alive ${id} 4000\n`);
  await exchange(port, 'alive other 4001\n', { from: '127.0.0.2' });
  const clientCookie = Buffer.from('0102030405060708', 'hex');
  let cookie: Buffer = clientCookie;
  // The system chooses the worker by the ports of both ends.
  for (let i = 0; i < 24; i++) {
    const client = await UdpClient.open(t, i % 2 === 0 ? port : dnsPort);
    const ask = async (name: string, type: string) =>
      decode(Buffer.from(await client.ask(queryOf(name, type, { edns: 1_232, cookie })), 'latin1'));
    const nodes = await ask(`${id}.dynamo`, 'A');
    t.deepEqual(dataOf(nodes), ['127.0.0.1']);
    t.deepEqual(dataOf(await ask('dynamo', 'A')), ['127.0.0.1', '127.0.0.2']);
    t.is((await ask('nobody.dynamo', 'A')).rcode, 'NXDOMAIN');
    cookie = cookieIn(nodes);
    t.is(cookie.length, 24);
  }
  const console = await connectIpc(join(folder, 's.sock'), { name: 'test', version: '0' });
  t.teardown(() => console.close());
  // Datagrams alone are reported, too.
  await lookUntil(
    () => console.status(),
    ({ counters }) => counters.dnsUdp === 72,
  );
  // Slower answers about nodes do not hold up the others.
  const queries = Array.from({ length: 60 }, (_, index) =>
    queryOf(index % 3 === 0 ? `${id}.dynamo` : 'dynamo', 'A', { id: index }),
  );
  for (let i = 0; i < 8; i++) {
    const answers = await exchangeTcp(i % 2 === 0 ? port : dnsPort, framed(...queries));
    const ids = answers.map((each) => decode(each).id ?? -1).toSorted((a, b) => a - b);
    t.deepEqual(
      ids,
      queries.map((_, index) => index),
    );
  }
  // Workers report a moment later.
  const counted = await lookUntil(
    () => console.status(),
    ({ counters }) => counters.dnsUdp === 72 && counters.dnsTcp === 480,
  );
  t.is(counted.counters.dnsLimited, 0);
});

test('dns workers › while the backlog that they share is full every query is answered SERVFAIL, then answered again', async (t) => {
  const folder = await makeFolder(t);
  const port = await freePort();
  const conf = join(folder, 'ddns.conf');
  await writeFile(
    conf,
    `Interface=127.0.0.1\nPort=${port}\nService=2\nBacklog=4\nDatabase=h.db\nSocket=s.sock\nThreads=2\n`,
  );
  const { line } = await startDdnsd(t, ['--conf', conf]);
  await line(/name server is ready/);
  const console = await connectIpc(join(folder, 's.sock'), { name: 'test', version: '0' });
  t.teardown(() => console.close());
  const deaf = await openDeafClients(t, 4, { port, host: '127.0.0.1' }, console);
  const askBoth = async () => {
    const rcodes = new Set<string>();
    for (let i = 0; i < 8; i++) {
      const client = await UdpClient.open(t, port);
      for (const [name, type] of [
        ['dynamo', 'SOA'],
        ['nobody.dynamo', 'A'],
      ] as const)
        rcodes.add(decode(Buffer.from(await client.ask(queryOf(name, type)), 'latin1')).rcode);
    }
    return rcodes;
  };
  t.deepEqual(await askBoth(), new Set(['SERVFAIL']));
  const { counters } = await lookUntil(
    () => console.status(),
    (status) => status.counters.dnsBusy === 16,
  );
  t.is(counters.dnsUdp, 16);
  for (const each of deaf) each.destroy();
  await lookUntil(
    () => console.status(),
    ({ backlog }) => backlog.current === 0,
  );
  t.deepEqual(await askBoth(), new Set(['NOERROR', 'NXDOMAIN']));
});
