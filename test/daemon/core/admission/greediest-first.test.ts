import test from 'ava';
import fc from 'fast-check';
import { GreediestFirst } from '../../../../daemon/core/admission/greediest-first.ts';
import { seed } from '../../../fixture/random.ts';

interface Item {
  readonly source: string;
  readonly number: number;
}

test('greediest first › of the source that holds most, whoever has been there longest', (t) => {
  const queue = new GreediestFirst<Item>();
  const [a, b, c, d] = ['x', 'y', 'y', 'z'].map((source, number) => ({ source, number })) as [
    Item,
    Item,
    Item,
    Item,
  ];
  for (const each of [a, b, c, d]) queue.add(each);
  t.deepEqual([queue.size, queue.greediest, queue.of('y'), queue.of('none')], [4, 2, 2, 0]);
  const gone: Item[] = [];
  for (let first = queue.first(); first !== undefined; first = queue.first()) {
    gone.push(first);
    queue.delete(first);
  }
  t.deepEqual(gone, [b, a, d, c]);
  t.deepEqual([queue.size, queue.greediest, queue.first()], [0, 0, undefined]);
});

test('greediest first › whatever comes and goes, it is what looking at all of them would find', (t) => {
  const step = fc.record({ source: fc.constantFrom('a', 'b', 'c', 'd'), number: fc.nat(5) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const queue = new GreediestFirst<Item>();
      const known = new Map<string, Item>();
      const model: Item[] = [];
      for (const { source, number } of steps) {
        const name = `${source}${number}`;
        const item = known.get(name) ?? { source, number };
        known.set(name, item);
        // Who is there goes, who is not comes; both also twice.
        const at = model.indexOf(item);
        for (let twice = 0; twice < 2; twice++) at === -1 ? queue.add(item) : queue.delete(item);
        if (at === -1) model.push(item);
        else model.splice(at, 1);
        const of = (each: string) => model.filter((other) => other.source === each);
        const most = Math.max(...['a', 'b', 'c', 'd'].map((each) => of(each).length));
        const first = queue.first();
        if (queue.size !== model.length || queue.greediest !== most) return false;
        for (const each of ['a', 'b', 'c', 'd'])
          if (queue.of(each) !== of(each).length || queue.firstOf(each) !== of(each)[0])
            return false;
        if (first === undefined ? most > 0 : of(first.source).length !== most) return false;
        if (first !== undefined && of(first.source)[0] !== first) return false;
      }
      return true;
    }),
    { seed, numRuns: 300 },
  );
  t.pass();
});
