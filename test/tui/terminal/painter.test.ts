import test from 'ava';
import { abilitiesOf } from '../../../tui/abilities.ts';
import { adaptTo } from '../../../tui/terminal/adapt.ts';
import { createPainter } from '../../../tui/terminal/painter.ts';

function painting() {
  const written: string[] = [];
  const painter = createPainter({ write: (text) => written.push(text) }, () => ({
    columns: 20,
    rows: 2,
  }));
  return { painter, written };
}

test('painter › writes nothing before it is started and after it is stopped', (t) => {
  const { painter, written } = painting();
  painter.show(['early']);
  t.deepEqual(written, []);
  painter.start();
  t.is(written.length, 1);
  t.true(written[0]?.includes('early'));
  painter.stop();
  painter.hurry();
  painter.show(['late']);
  t.deepEqual(written.length, 1);
});

test('painter › a frame that looks the same costs nothing', (t) => {
  const { painter, written } = painting();
  painter.start();
  painter.show(['one', 'two']);
  painter.hurry();
  painter.show(['one', 'two']);
  t.is(written.length, 1);
  painter.stop();
});

test('painter › of frames in quick succession only the last is written', async (t) => {
  const written: string[] = [];
  let wake: () => void = () => {};
  const painter = createPainter(
    {
      write: (text) => {
        written.push(text);
        wake();
      },
    },
    () => ({ columns: 20, rows: 2 }),
  );
  painter.start();
  painter.show(['count 1']);
  painter.show(['count 2']);
  painter.show(['count 3']);
  t.is(written.length, 1);
  await new Promise<void>((resolve) => {
    wake = resolve;
  });
  t.is(written[1], '\u001b[1;7H3');
  painter.stop();
});

test('painter › the frame that answers a key does not wait', (t) => {
  const { painter, written } = painting();
  painter.start();
  painter.show(['count 1']);
  painter.hurry();
  painter.show(['count 2']);
  t.is(written[1], '\u001b[1;7H2');
  painter.stop();
});

test('painter › nor does it after frames that look the same', (t) => {
  const { painter, written } = painting();
  painter.start();
  painter.show(['count 1']);
  painter.hurry();
  painter.show(['count 1']);
  painter.show(['count 2']);
  t.is(written[1], '\u001b[1;7H2');
  painter.show(['count 3']);
  t.is(written.length, 2, 'what comes after the answer waits');
  painter.stop();
});

test('painter › after a disturbance the whole frame is written', (t) => {
  const { painter, written } = painting();
  painter.start();
  painter.show(['one']);
  painter.hurry();
  painter.repaint();
  t.is(written[1], written[0]);
  painter.stop();
});

test('painter › frames are adapted to the terminal', (t) => {
  const written: string[] = [];
  const painter = createPainter(
    { write: (text) => written.push(text) },
    () => ({ columns: 20, rows: 2 }),
    adaptTo(abilitiesOf({ TERM: 'linux', NO_COLOR: '1' })),
  );
  painter.start();
  painter.show(['\u001b[36m● live\u001b[39m', '東京 ⠉⠒⠤⣀']);
  t.is(written.join(''), '\u001b[1H\u001b[K* live\u001b[2H\u001b[K???? "--_');
  painter.stop();
});
