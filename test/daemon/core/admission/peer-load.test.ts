// What a peer is known to have to do: it is told out of turn, and forgotten with its connection.
import test from 'ava';
import { takesNodes } from '../../../../daemon/core/admission/redirect-targets.ts';
import type { SyncHello } from '../../../../shared/protocol/sync-message.ts';
import { EngineScene, start as now, peerAddress } from '../../../fixture/sync-engine.ts';

/** Two servers whose messages arrive at once: `here` dials `there`. */
function connected() {
  const here = new EngineScene();
  const there = new EngineScene({ id: 'there', listen: peerAddress, peers: ['10.0.0.1:4524'] });
  here.context.load.limit = 8;
  const greet = () => {
    const outbound = here.dial(now);
    const inbound = there.accept(outbound.sent.splice(0)[0] as SyncHello, now);
    for (const message of inbound.sent.splice(0)) outbound.receive(message, now);
    const deliver = () => {
      for (const message of outbound.sent.splice(0)) inbound.receive(message, now);
    };
    deliver();
    return { deliver, inbound };
  };
  return { load: here.context.load, here, there, greet };
}

test('peer load › a drain is told at once, and where the peer is reached with it', (t) => {
  const { load, here, there, greet } = connected();
  const { deliver } = greet();
  const [peer] = there.membership.peers;
  t.deepEqual([peer?.load?.limit, peer?.listen], [8, '10.0.0.1:4524']);
  load.limit = 0;
  here.drive((engine) => engine.announceLoad(now));
  deliver();
  t.is(peer?.load?.limit, 0);
});

test('peer load › it says nothing any more when the connection has ended, unless there is a newer one', (t) => {
  const { there, greet } = connected();
  const takes = () => there.membership.peers.map((peer) => takesNodes(peer, now.mono));
  const old = greet();
  const newer = greet();
  old.inbound.close();
  t.deepEqual(takes(), [true]);
  newer.inbound.close();
  t.deepEqual(takes(), [false]);
  t.is(there.membership.peers[0]?.load?.limit, 8, 'a console sees what was known last');
});
