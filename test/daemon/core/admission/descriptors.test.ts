import test from 'ava';
import fc from 'fast-check';
import { budgetOf, shortageOf } from '../../../../daemon/core/admission/descriptors.ts';
import { seed } from '../../../fixture/random.ts';

const alone = { peers: 0, workers: 0 };

test('descriptors › where there are enough everybody has what is wanted', (t) => {
  t.deepEqual(budgetOf(Number.POSITIVE_INFINITY, { peers: 3, workers: 4 }), {
    clients: 10_000,
    pings: 1_088,
    sync: 28,
    consoles: 80,
  });
  t.is(shortageOf(65_536, { peers: 3, workers: 4 }), null);
});

test('descriptors › where there are few, each kind has its part, and the most is for clients', (t) => {
  t.deepEqual(budgetOf(1_024, alone), { clients: 758, pings: 122, sync: 16, consoles: 80 });
  t.deepEqual(budgetOf(64, alone), { clients: 10, pings: 2, sync: 2, consoles: 2 });
});

test('descriptors › no more is promised than there is', (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 64, max: 70_000 }),
      fc.integer({ min: 0, max: 8 }),
      fc.integer({ min: 0, max: 2 }),
      (limit, peers, workers) => {
        const { clients, pings, sync, consoles } = budgetOf(limit, { peers, workers });
        const files = 48 + peers + 3 * workers;
        return clients + pings + sync + consoles + files <= Math.max(limit, files + 4);
      },
    ),
    { seed },
  );
  t.pass();
});

test('descriptors › a limit that is too low is said, with what it should be and where', (t) => {
  t.is(
    shortageOf(1_024, alone),
    'the limit of 1024 open files leaves room for 758 clients, 122 pings, 16 connections of name servers and 80 consoles at once; raise it to 11232 (LimitNOFILE in ddnsd.service, or ulimit -n) for all of them',
  );
});
