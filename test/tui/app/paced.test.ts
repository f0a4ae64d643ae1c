// How the screen follows the store while the terminal takes what it is sent, and while it does not.
import { EventEmitter } from 'node:events';
import test from 'ava';
import { paced } from '../../../tui/app/paced.ts';
import { createStore } from '../../../tui/state/common-state.ts';

/** A terminal that is sent what is written; the test says when it has answered. */
class Line extends EventEmitter {
  written = '';
  writableNeedDrain = false;

  get bytesWritten(): number {
    return this.written.length;
  }

  write(text: string): boolean {
    this.written += text;
    return true;
  }
}

function followed() {
  const line = new Line();
  const store = createStore(0, (_, next: number) => next);
  const drawn = paced(store, line as unknown as NodeJS.WriteStream);
  const seen: number[] = [];
  drawn.store.subscribe(() => {
    seen.push(store.get());
    line.write('frame');
  });
  const press = (key: number) => {
    drawn.answer();
    store.dispatch(key);
  };
  return { line, drawn, seen, press };
}

test('paced › frames do not queue on the way to a slow terminal, and the last one is shown', (t) => {
  const { line, drawn, seen, press } = followed();
  drawn.ask();
  drawn.taken();
  press(1);
  for (const key of [2, 3, 4]) press(key);
  t.deepEqual(seen, [1]);
  t.is(line.written, '\u001b[5nframe\u001b[5n');
  drawn.taken();
  t.deepEqual(seen, [1, 4]);
  // It has taken everything: there is nothing to wait for.
  press(5);
  drawn.taken();
  drawn.taken();
  press(6);
  t.deepEqual(seen, [1, 4, 5]);
});

test('paced › a terminal that does not answer is not waited for', async (t) => {
  const { drawn, seen, press } = followed();
  drawn.ask();
  for (const key of [1, 2, 3]) press(key);
  t.deepEqual(seen, [1, 2, 3]);
  await drawn.quiet();
});

test('paced › before the terminal is given back its answer is awaited, and none is asked for', async (t) => {
  const { drawn, seen, press } = followed();
  drawn.ask();
  drawn.taken();
  press(1);
  press(2);
  const quiet = drawn.quiet();
  let isQuiet = false;
  void quiet.then(() => {
    isQuiet = true;
  });
  await Promise.resolve();
  t.false(isQuiet);
  drawn.taken();
  await quiet;
  t.deepEqual(seen, [1, 2]);
});

test('paced › a window of another size is drawn at once, whatever is on its way', (t) => {
  const { line, drawn, seen, press } = followed();
  drawn.ask();
  drawn.taken();
  press(1);
  press(2);
  t.deepEqual(seen, [1]);
  drawn.showNow();
  t.deepEqual(seen, [1, 2]);
  drawn.taken();
  t.deepEqual(seen, [1, 2]);
  line.writableNeedDrain = true;
  press(3);
  drawn.showNow();
  t.deepEqual(seen, [1, 2, 3]);
});
