import test from 'ava';
import { KnownHosts } from '../../../shared/node/known-hosts.ts';
import { answer } from '../../../shared/node/other-nodes.ts';
import { AddressList } from '../../../shared/protocol/address.ts';
import { native } from '../../../shared/protocol/dialect.ts';
import { textOf } from '../protocol/wire.ts';
import { ManualTimers } from './manual-timers.ts';

const everybody = ['192.0.2.1:1', '10.0.0.1:1', '169.254.0.1:1', '127.0.0.1:1'];

/** What a node that knows `everybody` passes on to who asks from `ip`. */
function passedOn(ip: string): string[] {
  const timers = new ManualTimers(0);
  const known = new KnownHosts(3_600_000);
  for (const address of everybody)
    known.restore({ address, source: 'name-server', namedAt: timers.now() }, timers.now());
  const reply = answer(
    {
      ...{ verb: 'query', nodeId: 'asker', port: 9, limit: null, since: null, hop: 0 },
      have: AddressList.of('192.0.2.9:1'),
    },
    ip,
    { nodeId: 'me', known, timers, onNewcomer: () => {} },
  );
  const text = textOf(native, reply);
  return everybody.filter((address) => text.includes(address));
}

test('node answer › a node passes on no host that is further in than the asker', (t) => {
  t.deepEqual(
    ['192.0.2.9', '10.9.9.9', '169.254.9.9', '127.0.0.9'].map((ip) => passedOn(ip).length),
    [1, 2, 3, 4],
  );
});
