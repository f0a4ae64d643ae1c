import test from 'ava';
import { firstPosition, moved, settled } from '../../../tui/state/list-position.ts';

const size = { rows: 20, viewport: 5 };

test('list position › scrolls just as far as needed to see the selected row', (t) => {
  t.deepEqual(moved(firstPosition, { by: 1 }, size), { top: 0, cursor: 1 });
  t.deepEqual(moved({ top: 0, cursor: 4 }, { by: 1 }, size), { top: 1, cursor: 5 });
  t.deepEqual(moved({ top: 3, cursor: 3 }, { by: -1 }, size), { top: 2, cursor: 2 });
});

test('list position › a page leaves one row of the last one on the screen', (t) => {
  t.deepEqual(moved(firstPosition, { pages: 1 }, size), { top: 4, cursor: 4 });
  t.deepEqual(moved({ top: 4, cursor: 6 }, { pages: -1 }, size), { top: 0, cursor: 2 });
});

test('list position › stops at both ends', (t) => {
  t.deepEqual(moved(firstPosition, { by: -3 }, size), { top: 0, cursor: 0 });
  t.deepEqual(moved(firstPosition, { end: 'last' }, size), { top: 15, cursor: 19 });
  t.deepEqual(moved({ top: 15, cursor: 19 }, { pages: 1 }, size), { top: 15, cursor: 19 });
  t.deepEqual(moved({ top: 15, cursor: 19 }, { end: 'first' }, size), { top: 0, cursor: 0 });
});

test('list position › a list that shrank, or a taller window, needs no care', (t) => {
  t.deepEqual(settled({ top: 15, cursor: 19 }, { rows: 8, viewport: 5 }), { top: 3, cursor: 7 });
  t.deepEqual(settled({ top: 15, cursor: 19 }, { rows: 20, viewport: 30 }), { top: 0, cursor: 19 });
  t.deepEqual(settled({ top: 3, cursor: 3 }, { rows: 0, viewport: 5 }), { top: 0, cursor: 0 });
});
