import test from 'ava';
import { startTestServer } from '../../fixture/name-server.ts';
import { exchange, sendAndWait, TcpClient } from '../../fixture/tcp-client.ts';

/** A slash begins no dialect, so it is answered in the native one. */
const noDialect =
  'error malformed no dialect begins with byte 0x2f; send a request such as: ping\n';

const uuid = '123e4567-e89b-42d3-a456-426614174000';

test('legacy › a node that is alone gets root, and the server closes', async (t) => {
  const { port } = await startTestServer(t);
  t.is(await sendAndWait(port, `1/${uuid}/4000/`), 'root');
});

test('legacy › SYNC-ME registers and lists the others', async (t) => {
  const server = await startTestServer(t);
  await sendAndWait(server.port, `1/${uuid}/4000/`, { from: '127.0.0.2' });
  await exchange(server.port, 'alive native 4000\n', { from: '127.0.0.3' });
  t.is(
    await sendAndWait(server.port, `1/${uuid}/4000/`, { from: '127.0.0.4' }),
    '127.0.0.2:4000;127.0.0.3:4000;',
  );
  const client = await server.attach();
  const { rows } = await client.page({});
  t.deepEqual(
    rows.map(({ address, nodeId, dialect }) => [address, nodeId, dialect]),
    [
      ['127.0.0.2:4000', uuid, 'legacy'],
      ['127.0.0.3:4000', 'native', 'native'],
      ['127.0.0.4:4000', uuid, 'legacy'],
    ],
  );
});

test('legacy › known hosts are left out, and knowing them all is not being alone', async (t) => {
  const { port } = await startTestServer(t);
  for (const host of [2, 3]) await exchange(port, 'alive n 4000\n', { from: `127.0.0.${host}` });
  t.is(await sendAndWait(port, `1/${uuid}/4000;127.0.0.2:4000;/`), '127.0.0.3:4000;');
  t.is(await sendAndWait(port, `1/${uuid}/4000;127.0.0.2:4000;127.0.0.3:4000/`), '');
});

test('legacy › IM-ALIVE is an interaction without a reply', async (t) => {
  const { port, status } = await startTestServer(t);
  t.is(await sendAndWait(port, `3/${uuid}/4000/`), '');
  const { hosts, counters } = await status();
  t.deepEqual([hosts.live, counters.alives], [1, 1]);
});

test('legacy › a message may arrive in pieces and end in anything', async (t) => {
  const { port } = await startTestServer(t);
  const client = await TcpClient.open(port);
  for (const byte of `1/${uuid}/4000`) client.send(byte);
  client.send('/\0\0\0\n garbage');
  t.is(await client.closed, 'root');
});

test('legacy › messages that crashed or fooled the first server are refused, and the next client is served', async (t) => {
  const { port, status } = await startTestServer(t);
  const deaths = [
    '/',
    '//',
    '1//4000/',
    `1/${uuid}/Inf/`,
    `1/${uuid}/NaN/`,
    `1/${uuid}/0/`,
    `1/${uuid}/65536/`,
    `1/${uuid}/-1/`,
    "1/x'; DROP TABLE hosts; --/4000/",
    `1/${uuid}/4000');DELETE FROM hosts;--/`,
    `2/${uuid}/4000/`,
    '9/x/1/',
    `1/${'x'.repeat(100_000)}`,
    '1'.repeat(100_000),
  ];
  for (const death of deaths)
    t.is(
      await sendAndWait(port, death),
      death.startsWith('/') ? noDialect : '',
      death.slice(0, 40),
    );
  const before = await status();
  t.deepEqual([before.hosts.live, before.counters.malformed], [0, deaths.length]);
  t.is(await sendAndWait(port, `1/${uuid}/4000/`), 'root');
});

test('legacy › a silent client delays no other', async (t) => {
  const { port } = await startTestServer(t);
  const silent = await TcpClient.open(port);
  const half = await TcpClient.open(port);
  half.send('1/');
  t.is(await sendAndWait(port, `1/${uuid}/4000/`), 'root');
  silent.destroy();
  half.destroy();
});
