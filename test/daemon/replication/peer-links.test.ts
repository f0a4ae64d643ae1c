// How many connections one name server may have here.
import test from 'ava';
import { ask, newsOf, peerIp, RawPeer, startWith } from '../../fixture/raw-peer.ts';
import type { TcpClient } from '../../fixture/tcp-client.ts';

test('peers › one that greets without end has a few connections, and everybody else has theirs', async (t) => {
  const peer = await RawPeer.listen(t);
  const server = await startWith(t, peer);
  const clients: TcpClient[] = [];
  for (let index = 0; index < 24; index++) {
    const id = index.toString(16).padStart(8, '0');
    clients.push(await peer.dial(t, server, peer.hello().replace(/hello \S+/, `hello ${id}`)));
  }
  const [open, closed] = [clients.slice(-4), clients.slice(0, -4)];
  await Promise.all(closed.map((client) => client.closed));
  t.is(open.filter(({ socket }) => socket.closed || socket.readableEnded).length, 0);
  t.deepEqual(
    (await newsOf(t, server)).filter((news) => news.includes('more connections')),
    [`${peerIp} opens more connections than a name server needs: its oldest was closed`],
  );
  t.is((await server.status()).counters.peersRefused, 20);
  t.is(await ask(server, 'alive node 9\n'), 'ok\n');
});
