import test from 'ava';
import { tableOf } from './profile.ts';

test('profile › the functions with most samples come first, and waiting is left out', (t) => {
  const frame = (functionName: string, url = '', lineNumber = 0) => ({
    functionName,
    url,
    lineNumber,
  });
  const table = tableOf('main', {
    nodes: [
      { id: 1, callFrame: frame('(idle)') },
      { id: 2, callFrame: frame('decode', 'file:///somewhere/dist/ddnsd.js', 9) },
      { id: 3, callFrame: frame('') },
      { id: 4, callFrame: frame('decode', 'file:///somewhere/dist/ddnsd.js', 9) },
    ],
    samples: [1, 2, 3, 4, 1],
    timeDeltas: [50_000, 2_000, 1_000, 5_000, 90_000],
  });
  t.is(table.title, 'main: 8 ms at work');
  t.deepEqual(table.rows, [
    ['7', '87.5 %', 'decode ddnsd.js:10'],
    ['1', '12.5 %', '(anonymous)'],
  ]);
});
