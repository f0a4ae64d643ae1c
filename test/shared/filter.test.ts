import test from 'ava';
import { filterWords, matchesFilter } from '../../shared/filter.ts';

test('filter › all words must occur, in any order, case and cell', (t) => {
  const words = filterWords('  Alive 192.0.2. ');
  t.true(matchesFilter(words, ['192.0.2.1:4524', 'alive']));
  t.true(matchesFilter(words, ['ALIVE since, 192.0.2.9']));
  t.false(matchesFilter(words, ['192.0.2.1:4524', 'down']));
  t.false(matchesFilter(words, ['192.0.3.1:4524', 'alive']));
});

test('filter › a word with ! must not occur', (t) => {
  t.deepEqual(filterWords('!down'), [{ text: 'down', isExcluded: true }]);
  t.true(matchesFilter(filterWords('!down'), ['alive']));
  t.false(matchesFilter(filterWords('alive !down'), ['alive', 'DOWN']));
});

test('filter › no words, and ! alone, let everything pass', (t) => {
  for (const text of ['', '  ', '!', ' ! ! ']) {
    t.deepEqual(filterWords(text), []);
    t.true(matchesFilter(filterWords(text), []));
  }
});

test('filter › a word does not reach over the end of a cell', (t) => {
  t.false(matchesFilter(filterWords('ab'), ['a', 'b']));
});
