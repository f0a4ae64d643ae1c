import test from 'ava';
import fc from 'fast-check';
import { Admission, type Guest, type Place } from '../../../../daemon/core/admission/admission.ts';
import { Link, LinkedSet, linksByItem } from '../../../../daemon/core/timing/linked-set.ts';
import { Deadline, Deadlines } from '../../../../daemon/core/timing/timing.ts';
import { seed } from '../../../fixture/random.ts';
import { heavy, keptOf } from '../../../fixture/young-garbage.ts';

test('linked set › it has the items of a Set in the same order, whatever is added and deleted', (t) => {
  const step = fc.record({ isAdded: fc.boolean(), index: fc.nat(9) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const items = Array.from({ length: 10 }, (_, number) => ({ number }));
      const linked = new LinkedSet(linksByItem((item: { number: number }) => new Link(item)));
      const model = new Set<{ number: number }>();
      for (const { isAdded, index } of steps) {
        const item = items[index] as { number: number };
        if (isAdded && (linked.add(item) !== null) === model.has(item)) return false;
        if (!isAdded && linked.delete(item) !== model.has(item)) return false;
        if (isAdded) model.add(item);
        else model.delete(item);
        const [first = null] = model;
        if ((linked.first?.item ?? null) !== first || linked.size !== model.size) return false;
        if (items.some((each) => linked.has(each) !== model.has(each))) return false;
        if (linked.items().some((each, at) => each !== [...model][at])) return false;
      }
      return true;
    }),
    { seed, numRuns: 200 },
  );
  t.pass();
});

test('linked set › an item is in one of the sets that share its link, the last one that it was added to', (t) => {
  const item = { name: 'a' };
  const linkOf = linksByItem((each: { name: string }) => new Link(each));
  const [here, there] = [new LinkedSet(linkOf), new LinkedSet(linkOf)];
  here.add(item);
  there.add(item);
  t.deepEqual([here.items(), there.items()], [[], [item]]);
  t.false(here.delete(item));
  t.deepEqual([here.size, there.size], [0, 1]);
});

/** A connection that asks, is answered and closes. */
class Client implements Guest {
  readonly source = '10.0.0.1';
  place: Place | null = null;
  readonly link: Link<Guest> = new Link<Guest>(this);
  readonly deadline = new Deadline<Client>(this);
  readonly ballast = heavy();

  evict(): void {}

  giveWay(): void {}

  proceed(): void {}
}

const passing = 2_000;

test.serial('deadlines › what had one is gone with the next collection of young garbage', (t) => {
  const deadlines = new Deadlines<Client>(1_000, ({ deadline }) => deadline);
  const running: Client[] = [];
  const kept = keptOf(passing, () => {
    const client = new Client();
    running.push(client);
    deadlines.start(client, 0);
    if (running.length > 32) deadlines.stop(running.shift() as Client);
  });
  t.true(kept < passing / 10, `${kept} of ${passing} are kept`);
});

test.serial(
  'admission › a connection that closed is gone with the next collection of young garbage',
  (t) => {
    const admission = new Admission({ backlog: 100, limit: 100 });
    const open: Client[] = [];
    const kept = keptOf(passing, () => {
      const client = new Client();
      open.push(client);
      admission.enter(client);
      const asking = open[open.length >> 1] as Client;
      admission.ask(asking);
      admission.moveTo(asking, 'deciding');
      if (open.length <= 32) return;
      const closing = open.shift() as Client;
      admission.answered(closing);
      admission.leave(closing);
    });
    t.is(admission.open, 32);
    t.true(kept < passing / 10, `${kept} of ${passing} are kept`);
  },
);
