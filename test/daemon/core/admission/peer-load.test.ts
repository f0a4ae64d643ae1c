// What a peer is known to have to do: it is told out of turn, and forgotten with its connection.
import test from 'ava';
import { takesNodes } from '../../../../daemon/core/admission/redirect-targets.ts';
import { Registry } from '../../../../daemon/core/registry/registry.ts';
import { createCounters } from '../../../../daemon/core/stats/counters.ts';
import { Membership, membershipTimes } from '../../../../daemon/core/sync/membership.ts';
import type { Link } from '../../../../daemon/core/sync/peer-session.ts';
import { SyncEngine } from '../../../../daemon/core/sync/sync-engine.ts';
import type { SyncHello, SyncMessage } from '../../../../shared/protocol/sync-message.ts';

const now = { mono: 1_000, wall: 1_000_000 };

/** Two servers that hear each other's messages at once: `here` dials `there`. */
function connected() {
  const load = { backlog: 1, limit: 8, live: 0 };
  const [here, there] = ['here', 'there'].map((id, index) => {
    const address = `10.0.0.${2 - index}:4524`;
    const membership = new Membership(id, [address], membershipTimes(3_600_000));
    const syncEngine = new SyncEngine({
      random: () => 0,
      context: {
        registry: new Registry({ maxHosts: 10, server: id }),
        counters: createCounters(),
        membership,
        id,
        run: `0000000${index}`,
        version: '1.2.3',
        epoch: '0000000a',
        listen: `10.0.0.${1 + index}:4524`,
        load: () => ({ ...load }),
        commit: () => {},
        renumber: () => null,
        event: () => {},
        judge: () => {},
      },
    });
    return { membership, syncEngine };
  }) as [Side, Side];
  const greet = () => {
    const sent: SyncMessage[] = [];
    const outgoing = here.syncEngine.dialled('10.0.0.2:4524', linkTo(sent.push.bind(sent)), now);
    const back: SyncMessage[] = [];
    const incoming = there.syncEngine.accepted(
      sent[0] as SyncHello,
      linkTo(back.push.bind(back)),
      now,
    );
    if (outgoing === null || 'code' in incoming) throw new Error('no session');
    sent.length = 0;
    outgoing.receive(back[0] as SyncMessage, now);
    const deliver = () => {
      for (const message of sent.splice(0)) incoming.receive(message, now);
    };
    deliver();
    return { deliver, incoming };
  };
  return { load, here, there, greet };
}

interface Side {
  membership: Membership;
  syncEngine: SyncEngine;
}

function linkTo(send: (message: SyncMessage) => void): Link {
  return { send, close: () => {}, isFull: false, isEncrypted: false };
}

test('peer load › a drain is told at once, and where the peer is reached with it', (t) => {
  const { load, here, there, greet } = connected();
  const { deliver } = greet();
  const [peer] = there.membership.peers;
  t.deepEqual([peer?.load?.limit, peer?.listen], [8, '10.0.0.1:4524']);
  load.limit = 0;
  here.syncEngine.announceLoad(now);
  deliver();
  t.is(peer?.load?.limit, 0);
});

test('peer load › it says nothing any more when the connection has ended, unless there is a newer one', (t) => {
  const { there, greet } = connected();
  const takes = () => there.membership.peers.map((peer) => takesNodes(peer, now.mono));
  const old = greet();
  const newer = greet();
  there.syncEngine.closed(old.incoming);
  t.deepEqual(takes(), [true]);
  there.syncEngine.closed(newer.incoming);
  t.deepEqual(takes(), [false]);
  t.is(there.membership.peers[0]?.load?.limit, 8, 'a console sees what was known last');
});
