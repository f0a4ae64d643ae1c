import test from 'ava';
import { createInputParser, type InputEvent, keyId } from '../../../tui/input/parser.ts';

function names(events: InputEvent[]): string[] {
  return events.map((event) => {
    if (event.type === 'key') return keyId(event);
    return event.type === 'paste'
      ? `paste(${event.text})`
      : `${event.what}(${event.column},${event.row})`;
  });
}

const cases: [title: string, bytes: string, expected: string[]][] = [
  ['letters', 'aZ/ ', ['a', 'Z', '/', ' ']],
  ['held keys in one chunk', 'jjj', ['j', 'j', 'j']],
  ['both backspaces', '\u007f\b', ['backspace', 'backspace']],
  ['enter, tab', '\r\n\t', ['enter', 'enter', 'tab']],
  ['control letters', '\u0003\u001a\u000c', ['ctrl+c', 'ctrl+z', 'ctrl+l']],
  ['arrows', '\u001b[A\u001b[B\u001b[C\u001b[D', ['up', 'down', 'right', 'left']],
  ['arrows in application mode', '\u001bOA\u001bOB', ['up', 'down']],
  ['paging', '\u001b[5~\u001b[6~\u001b[H\u001b[F', ['pageup', 'pagedown', 'home', 'end']],
  [
    'home and end of other terminals',
    '\u001b[1~\u001b[4~\u001b[7~\u001b[8~',
    ['home', 'end', 'home', 'end'],
  ],
  ['delete and insert', '\u001b[3~\u001b[2~', ['delete', 'insert']],
  ['function keys', '\u001bOP\u001b[15~\u001b[24~', ['f1', 'f5', 'f12']],
  ['modifiers', '\u001b[1;5C\u001b[1;2A\u001b[1;3B', ['ctrl+right', 'shift+up', 'alt+down']],
  ['back tab', '\u001b[Z', ['shift+tab']],
  ['alt', '\u001bx', ['alt+x']],
  ['escape before a sequence', '\u001b\u001b[A', ['escape', 'up']],
  ['text beyond ASCII', 'é漢👩', ['é', '漢', '👩']],
  ['a paste', 'a\u001b[200~x\ry\u001b[A\u001b[201~b', ['a', 'paste(x\ry\u001b[A)', 'b']],
  ['a reply of the terminal', '\u001b]11;rgb:0000/0000/0000\u001b\\q', ['q']],
  ['a reply ended by BEL', '\u001b]11;x\u0007q', ['q']],
  ['a click', '\u001b[<0;10;20M\u001b[<0;10;20mq', ['press(9,19)', 'q']],
  ['a click far to the right', '\u001b[<0;300;1M', ['press(299,0)']],
  ['the wheel', '\u001b[<64;1;2M\u001b[<65;1;2M', ['wheel-up(0,1)', 'wheel-down(0,1)']],
  ['a click with Ctrl, Alt and Shift', '\u001b[<28;1;1M', ['press(0,0)']],
  ['other buttons, and a movement', '\u001b[<1;1;1M\u001b[<2;1;1M\u001b[<35;1;1Mq', ['q']],
  ['mouse reports without a place', '\u001b[<0;0;5M\u001b[<0M\u001b[<Mq', ['q']],
  ['mouse reports of old terminals', '\u001b[M !!\u001b[M#q1q', ['q']],
  ['an unknown sequence', '\u001b[99;99;99Xq', ['q']],
];

for (const [title, bytes, expected] of cases) {
  test(`input parser › ${title}: as one chunk and byte by byte`, (t) => {
    t.deepEqual(names(createInputParser().push(bytes)), expected);
    const parser = createInputParser();
    const events = [...Buffer.from(bytes)].flatMap((byte) => parser.push(Uint8Array.of(byte)));
    t.deepEqual(names(events), expected);
    t.false(parser.waiting);
  });
}

test('input parser › a lone ESC waits, and is Escape when nothing follows', (t) => {
  const parser = createInputParser();
  t.deepEqual(parser.push('\u001b'), []);
  t.true(parser.waiting);
  t.deepEqual(names(parser.flush()), ['escape']);
  t.false(parser.waiting);
});

test('input parser › an arrow torn after its ESC is an arrow, not Escape and text', (t) => {
  const parser = createInputParser();
  t.deepEqual(parser.push('\u001b'), []);
  t.deepEqual(names(parser.push('[B')), ['down']);
});

test('input parser › a torn sequence that never ends is dropped by the flush', (t) => {
  const parser = createInputParser();
  t.deepEqual(parser.push('\u001b[1;'), []);
  t.true(parser.waiting);
  t.deepEqual(parser.flush(), []);
  t.deepEqual(names(parser.push('q')), ['q']);
});

test('input parser › an endless sequence is given up', (t) => {
  const parser = createInputParser();
  t.deepEqual(parser.push(`\u001b[${'1'.repeat(300)}`), []);
  t.deepEqual(names(parser.push('q')), ['q']);
});

test('input parser › a paste waits for its end, without a time limit', (t) => {
  const parser = createInputParser();
  t.deepEqual(parser.push('\u001b[200~abc'), []);
  t.false(parser.waiting);
  t.deepEqual(parser.flush(), []);
  t.deepEqual(names(parser.push('def\u001b[201~')), ['paste(abcdef)']);
});
