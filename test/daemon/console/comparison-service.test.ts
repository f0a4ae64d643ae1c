// An operator compares two name servers: the result, and the errors when that
// is not possible.
import { createInterface } from 'node:readline';
import test from 'ava';
import { ipcErrors } from '../../../shared/ipc/contract.ts';
import { encodeSync } from '../../../shared/protocol/sync-message.ts';
import { startTestServer } from '../../fixture/name-server.ts';
import { newsOf, peerUntil, RawPeer, recordOf, startWith } from '../../fixture/raw-peer.ts';
import type { TcpClient } from '../../fixture/tcp-client.ts';

const hash = '0123456789abcdef';
const isAlive = ({ lag }: { lag: number | null }) => lag === 0;

/** Answers like a peer with one host more than the server, until it has sent it. */
function offerHost(peer: RawPeer, client: TcpClient): void {
  let isTold = false;
  createInterface({ input: client.socket }).on('line', (line) => {
    switch (line.split(' ')[0]) {
      case 'sync':
        return client.send(peer.welcome(Date.now()));
      case 'digest':
        return client.send(isTold ? 'differ\n' : 'differ 3\n');
      case 'leaves':
        return client.send(`rows 192 ${hash}\n`);
      case 'want': {
        isTold = true;
        const record = recordOf('127.0.9.1:4000', { ms: Date.now() });
        return client.send(encodeSync({ kind: 'repair', changes: [record] }));
      }
    }
  });
}

test('comparison service › reports the result to the operator, the log and the activity', async (t) => {
  const peer: RawPeer = await RawPeer.listen(t, (client) => offerHost(peer, client));
  const server = await startWith(t, peer);
  await peerUntil(server, isAlive);
  const console = await server.attach();
  const result = { address: peer.address, outcome: 'equal', received: 1, sent: 0 } as const;
  t.deepEqual(await console.syncPeers(peer.address), { peers: [result] });
  t.is((await server.status()).hosts.live, 1);
  t.deepEqual(await console.syncPeers(), { peers: [{ ...result, received: 0 }] });
  const news = await newsOf(t, server);
  t.deepEqual(news.slice(-2), [
    `${peer.address} compared for an operator: 1 hosts received, 0 sent, now equal`,
    `${peer.address} compared for an operator: 0 hosts received, 0 sent, now equal`,
  ]);
});

test('comparison service › reports a connection lost meanwhile, and names peers that are away', async (t) => {
  const peer: RawPeer = await RawPeer.listen(t, (client) => {
    createInterface({ input: client.socket }).on('line', (line) => {
      if (line.startsWith('sync')) client.send(peer.welcome(Date.now()));
      if (line.startsWith('digest')) client.destroy();
    });
  });
  const away = '127.0.0.4:1';
  const server = await startWith(t, peer, { settings: { nameServers: [peer.address, away] } });
  await peerUntil(server, isAlive);
  const console = await server.attach();
  t.deepEqual(await console.syncPeers(), {
    peers: [
      { address: peer.address, outcome: 'lost', received: 0, sent: 0 },
      { address: away, outcome: 'away', received: 0, sent: 0 },
    ],
  });
  await t.throwsAsync(console.syncPeers(away), {
    code: ipcErrors.noPeer,
    // After three attempts the reason is known, too.
    message:
      /^not connected to 127\.0\.0\.4:1(: refuses connections: .*)?; ddns-tui peers shows its state$/,
  });
});

test('comparison service › an impossible comparison is an error with the next step', async (t) => {
  const peer: RawPeer = await RawPeer.listen(t, (client) =>
    client.send('error not-a-peer you are not in NameServers here\n'),
  );
  const server = await startWith(t, peer);
  await peerUntil(server, ({ trouble }) => trouble !== null);
  const console = await server.attach();
  const { noPeer } = ipcErrors;
  await t.throwsAsync(console.syncPeers('10.0.0.9:1'), {
    code: noPeer,
    message: '10.0.0.9:1 is not one of the other name servers; ddns-tui peers lists them',
  });
  await t.throwsAsync(console.syncPeers(peer.address), {
    code: noPeer,
    message: `not connected to ${peer.address}: you are not in NameServers here; ddns-tui peers shows its state`,
  });
  const alone = await (await startTestServer(t)).attach();
  await t.throwsAsync(alone.syncPeers(), {
    code: noPeer,
    message: 'no other name server to compare with: NameServers in ddns.conf is empty',
  });
});
