// Keys from the terminal's bytes to the ids of bindings, through Ink.
import '../../fixture/production.ts';
import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { mock } from 'node:test';
import test, { type ExecutionContext } from 'ava';
import { render } from 'ink';
// JSX would load React before it knows that this is production.
import { createElement } from 'react';
import { useKeyboard } from '../../../tui/input/keyboard.ts';
import { KeyboardStream } from '../../../tui/input/keyboard-stream.ts';

function Listener({ hear }: { hear(text: string): void }): null {
  useKeyboard(
    ({ id }) => hear(id),
    (text) => hear(`paste(${text})`),
  );
  return null;
}

/** A program that lists the keys it gets, and its terminal. */
function startListening(t: ExecutionContext) {
  const heard: string[] = [];
  let look: () => void = () => {};
  const hear = (text: string) => {
    heard.push(text);
    look();
  };
  const terminal = Object.assign(new PassThrough(), {
    setRawMode: () => {},
    ref: () => {},
    unref: () => {},
  });
  const stdout = Object.assign(new EventEmitter(), {
    columns: 80,
    rows: 24,
    write: (_text: string, written?: () => void) => written?.(),
  });
  const ink = render(createElement(Listener, { hear }), {
    stdin: new KeyboardStream(terminal as never) as never,
    stdout: stdout as never,
    debug: true,
    exitOnCtrlC: false,
    patchConsole: false,
  });
  t.teardown(() => ink.unmount());
  return {
    send: (bytes: string | Uint8Array) => terminal.write(bytes),
    /** The keys until `last` was heard. */
    until: (last: string): Promise<string[]> =>
      new Promise((resolve) => {
        look = () => {
          if (heard.at(-1) === last) resolve(heard);
        };
        look();
      }),
  };
}

const esc = '\u001b';

const cases: [title: string, bytes: string, expected: string[]][] = [
  ['letters', 'aZ/ ', ['a', 'Z', '/', ' ']],
  ['held keys in one chunk', 'jjj', ['j', 'j', 'j']],
  ['text and Enter in one chunk', 'ab\r', ['a', 'b', 'enter']],
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
  ['delete', '\u001b[3~', ['delete']],
  [
    'F1 of xterm, VT220 and the Linux console',
    '\u001bOP\u001b[11~\u001b[[A',
    Array(3).fill('alt+?'),
  ],
  ['function keys that do nothing', '\u001b[15~\u001b[24~\u001b[[Bq', ['q']],
  ['modifiers', '\u001b[1;5C\u001b[1;2A\u001b[1;3B', ['ctrl+right', 'shift+up', 'alt+down']],
  ['back tab', '\u001b[Z', ['shift+tab']],
  ['alt', '\u001bx\u001b\u007f', ['alt+x', 'alt+backspace']],
  ['escape before a sequence', '\u001b\u001b[A', ['escape', 'up']],
  ['text beyond ASCII', 'é漢👩', ['é', '漢', '👩']],
  ['a paste', 'a\u001b[200~x\ry\u001b[A\u001b[201~b', ['a', 'paste(x\ry\u001b[A)', 'b']],
  [
    "kitty's protocol, left on",
    '\u001b[27u\u001b[99;5u\u001b[97;2u\u001b[113;1:3u\u001b[120;3u\u001b[1;1:1B',
    ['escape', 'ctrl+c', 'A', 'alt+x', 'down'],
  ],
  [
    "kitty's protocol with Num Lock, with Caps Lock, and with both",
    '\u001b[13;129u\u001b[99;133u\u001b[1;129A\u001b[106;65u\u001b[106;66u\u001b[3;193~',
    ['enter', 'ctrl+c', 'up', 'J', 'j', 'delete'],
  ],
  [
    'the keypad in application mode',
    '\u001bOp\u001bOy\u001bOj\u001bOk\u001bOm\u001bOn\u001bOo\u001bOM',
    ['0', '9', '*', '+', '-', '.', '/', 'enter'],
  ],
  [
    "the keypad in kitty's protocol",
    '\u001b[57399u\u001b[57408;129u\u001b[57413u\u001b[57414u\u001b[57400;1:3u\u001b[57419u',
    ['0', '9', '+', 'enter', 'up'],
  ],
  [
    "xterm's modifyOtherKeys, left on or set in tmux",
    '\u001b[27;5;99~\u001b[27;2;65~\u001b[27;3;120~\u001b[27;2;9~',
    ['ctrl+c', 'A', 'alt+x', 'shift+tab'],
  ],
  ['reports of the focus', '\u001b[I\u001b[Oq', ['q']],
  ['a reply of the terminal', '\u001b]11;rgb:0000/0000/0000\u001b\\q', ['q']],
  ['a reply ended by BEL', '\u001b]11;x\u0007q', ['q']],
  ['replies about the cursor', '\u001b[0n\u001b[1;3R\u001b[24;80Rq', ['q']],
  ['mouse reports of X10', '\u001b[M !!\u001b[Mx\u00e9~q', ['q']],
  ['mouse reports', '\u001b[<0;10;20M\u001b[<0;10;20m\u001b[<64;1;2Mq', ['q']],
  ['an unknown sequence', '\u001b[99;99;99Xq', ['q']],
];

for (const [title, bytes, expected] of cases)
  test(`keyboard › ${title}: as one chunk and byte by byte`, async (t) => {
    const end = '\u0007';
    const together = startListening(t);
    together.send(bytes + end);
    t.deepEqual(await together.until('ctrl+g'), [...expected, 'ctrl+g']);
    const apart = startListening(t);
    for (const byte of Buffer.from(bytes + end)) apart.send(Uint8Array.of(byte));
    t.deepEqual(await apart.until('ctrl+g'), [...expected, 'ctrl+g']);
  });

test('keyboard › a lone ESC is Escape when nothing follows', async (t) => {
  const { send, until } = startListening(t);
  send(esc);
  t.deepEqual(await until('escape'), ['escape']);
});

test.serial('keyboard › an arrow key torn by 80 ms is one', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.teardown(() => mock.timers.reset());
  const terminal = Object.assign(new PassThrough(), { setRawMode: () => {} });
  const keys = new KeyboardStream(terminal as never).setRawMode(true);
  const sent = async (bytes: string) => {
    terminal.write(bytes);
    await new Promise((resolve) => setImmediate(resolve));
  };
  await sent(esc);
  mock.timers.tick(80);
  await sent('[B');
  t.is(keys.read(), `${esc}[B`);
  await sent(esc);
  mock.timers.tick(120);
  t.is(keys.read(), `${esc}[27u`);
});

test.serial('keyboard › an answer about colours is no text, wherever it is torn', (t) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.teardown(() => mock.timers.reset());
  const answer = `${esc}]11;rgb:ffff/ffff/ffff${esc}\\`;
  for (let at = 1; at < answer.length; at++) {
    const terminal = Object.assign(new EventEmitter(), { setRawMode: () => {}, resume: () => {} });
    const replies: string[] = [];
    const keys = new KeyboardStream(terminal as never, (reply) => replies.push(reply));
    keys.setRawMode(true);
    for (const part of [answer.slice(0, at), `${answer.slice(at)}q`]) {
      terminal.emit('data', Buffer.from(part));
      mock.timers.tick(500);
    }
    t.deepEqual(replies, [answer], `torn at ${at}`);
    const typed = [keys.read(), keys.read(), keys.read()].filter((key) => key !== null);
    // A lone ESC has been Escape by then.
    t.deepEqual(typed, at === 1 ? [`${esc}[27u`, 'q'] : ['q'], `torn at ${at}`);
  }
});

test('keyboard › a torn sequence that never ends is dropped', async (t) => {
  const { send, until } = startListening(t);
  send(`${esc}[1;`);
  // After the silence that drops it.
  const lone = startListening(t);
  lone.send(esc);
  await lone.until('escape');
  send('q');
  t.deepEqual(await until('q'), ['q']);
});

test('keyboard › an endless sequence is given up', async (t) => {
  const { send, until } = startListening(t);
  send(`${esc}[${'1'.repeat(300)}`);
  send('q');
  t.deepEqual(await until('q'), ['q']);
});

test('keyboard › a paste whose end never comes ends after a second of silence', async (t) => {
  const { send, until } = startListening(t);
  send(`${esc}[200~abc`);
  t.deepEqual(await until('paste(abc)'), ['paste(abc)']);
  send('q');
  t.deepEqual(await until('q'), ['paste(abc)', 'q']);
});

test('keyboard › of a paste beyond any text field the beginning is kept', async (t) => {
  const { send, until } = startListening(t);
  const part = 'x'.repeat(30_000);
  send(`${esc}[200~${part}`);
  for (let more = 0; more < 5; more++) send(part);
  send(`${esc}[201`);
  send('~q');
  const [pasted, key] = await until('q');
  t.is(key, 'q');
  t.true((pasted ?? '').length >= 65_536 && (pasted ?? '').length < 66_000);
});
