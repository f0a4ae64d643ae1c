import test from 'ava';
import { readingTheme, spokenLines } from '../../../tui/reading/spoken.ts';

test('spoken › cells are set apart by commas, and only words are left', (t) => {
  const lines = [
    '',
    '\u001b[1m60 hosts\u001b[22m                    \u001b[2m1 of 60\u001b[22m',
    'address ▲              node id             last seen',
    readingTheme.paint('selected', '192.0.2.1:4000         node-1              3 s      '),
    '192.0.2.2:4000         node-2              now',
    '──────────────────────────────────',
    '●  live   ━━━━━───── ',
    '⡇   ⠤⢤',
    '  ↑ k           one row up',
    '* 192.0.2.3:4000       node-3',
    '+ 192.0.2.4:4000       node-4',
    'a  ·  b · c',
    'waiting …',
  ];
  t.deepEqual(spokenLines(lines), [
    { text: '60 hosts, 1 of 60', isChosen: false },
    { text: 'address ascending, node id, last seen', isChosen: false },
    { text: '192.0.2.1:4000, node-1, 3 s', isChosen: true },
    { text: '192.0.2.2:4000, node-2, now', isChosen: false },
    { text: 'live', isChosen: false },
    { text: 'Up k, one row up', isChosen: false },
    { text: 'marked: 192.0.2.3:4000, node-3', isChosen: false },
    { text: 'new: 192.0.2.4:4000, node-4', isChosen: false },
    { text: 'a, b, c', isChosen: false },
    { text: 'waiting ...', isChosen: false },
  ]);
});

test('spoken › a picture has no words', (t) => {
  t.is(readingTheme.picture('\u001b[36m⠉⠒⠤⣀\u001b[m -5m'), '');
});
