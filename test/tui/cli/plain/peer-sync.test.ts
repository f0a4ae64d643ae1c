import test from 'ava';
import type { IpcClient } from '../../../../shared/ipc/client.ts';
import type { PeerSync } from '../../../../shared/ipc/contract.ts';
import { added, removed, syncPeers } from '../../../../tui/cli/peers-command.ts';
import { syncPeer } from '../../../../tui/daemon/actions.ts';

const equal: PeerSync = { address: '192.0.2.2:4524', outcome: 'equal', received: 1_300, sent: 2 };
const all: PeerSync[] = [
  equal,
  { ...equal, address: '192.0.2.3:4524', received: 0, sent: 0 },
  { ...equal, address: '192.0.2.4:4524', outcome: 'unfinished' },
  { ...equal, address: '192.0.2.5:4524', outcome: 'lost', received: 0 },
  { ...equal, address: '192.0.2.6:4524', outcome: 'away', received: 0, sent: 0 },
];

/** A daemon whose comparing goes like this, and what it was asked to compare with. */
function comparing(peers: PeerSync[]) {
  const asked: (string | undefined)[] = [];
  const client = {
    syncPeers: async (address?: string) => {
      asked.push(address);
      return { peers };
    },
  };
  return { asked, client: client as unknown as IpcClient };
}

test('peers sync › a line says of each what it brought', async (t) => {
  const { asked, client } = comparing(all);
  const { text, isDone } = await syncPeers(client, { address: undefined, json: false });
  t.is(
    text,
    `in sync with 192.0.2.2:4524: 1,300 received, 2 sent
in sync with 192.0.2.3:4524: nothing exchanged
still syncing with 192.0.2.4:4524: 1,300 received, 2 sent so far
lost the connection to 192.0.2.5:4524: 0 received, 2 sent
not connected to 192.0.2.6:4524; ddns-tui peers shows why
`,
  );
  t.false(isDone);
  t.deepEqual(asked, [undefined]);
});

test('peers sync › JSON is one array, and it is done when all are equal', async (t) => {
  const { asked, client } = comparing([equal]);
  const { text, isDone } = await syncPeers(client, { address: equal.address, json: true });
  t.deepEqual(JSON.parse(text), [equal]);
  t.true(isDone);
  t.deepEqual(asked, [equal.address]);
});

test('peers sync › nothing from the network is printed as it is', async (t) => {
  const { client } = comparing([{ ...equal, address: '\x1b[2J' }]);
  const { text } = await syncPeers(client, { address: undefined, json: false });
  t.true(text.startsWith('in sync with \\x1b[2J: '));
});

test('actions › comparing with a peer ends in one line, whatever comes of it', async (t) => {
  t.deepEqual(await syncPeer(comparing([equal]).client, equal.address), {
    tone: 'good',
    text: 'in sync with 192.0.2.2:4524: 1,300 received, 2 sent',
  });
  const [unfinished] = all.slice(2);
  t.is((await syncPeer(comparing([unfinished as PeerSync]).client, '')).tone, 'warn');
  const failing = { syncPeers: () => Promise.reject(new Error('there is no connection')) };
  t.deepEqual(await syncPeer(failing as unknown as IpcClient, '192.0.2.9:1'), {
    tone: 'bad',
    text: 'syncing with 192.0.2.9:1 failed: there is no connection',
  });
  t.is((await syncPeer(null, '')).tone, 'warn');
});

test('peers add › a peer is added behind the others, which stay as they are written', (t) => {
  t.deepEqual(added([], ['NS2.example.org']), { list: 'NS2.example.org' });
  t.deepEqual(added(['10.0.0.1', 'ns2'], ['10.0.0.3:1', '10.0.0.4']), {
    list: '10.0.0.1, ns2, 10.0.0.3:1, 10.0.0.4',
  });
  t.deepEqual(added(['10.0.0.1'], ['10.0.0.2', '10.0.0.1:4524']), {
    problem: 'not added: 10.0.0.1:4524 is in NameServers already',
  });
});

test('peers remove › a peer is removed however it is written, and the last one leaves none', (t) => {
  t.deepEqual(removed(['10.0.0.1', 'NS2.example.org.', '10.0.0.3'], ['ns2.example.org:4524']), {
    list: '10.0.0.1, 10.0.0.3',
  });
  t.deepEqual(removed(['10.0.0.1'], ['10.0.0.1:4524']), { list: null });
  t.deepEqual(removed(['10.0.0.1', 'ns2'], ['10.0.0.2']), {
    problem:
      'not removed: 10.0.0.2 is not in NameServers, which is 10.0.0.1, ns2; name it as it is written there',
  });
  t.deepEqual(removed([], ['ns2']), {
    problem:
      'not removed: ns2 is not in NameServers, which is empty; name it as it is written there',
  });
});
