import test from 'ava';
import fc from 'fast-check';
import { formatConf, parseConf } from '../../../shared/config/conf-file.ts';
import {
  isMaskAlone,
  keptValue,
  maskConf,
  shownChangedLines,
  shownLines,
  unmaskConf,
} from '../../../shared/config/masked-text.ts';

const word = 'Zq8#vT2!pL6w-Zq8#vT2!pL6w';

const masked: [title: string, text: string, expected: string][] = [
  ['a value', `Secret=${word}`, `Secret=${keptValue}`],
  ['its spelling and spaces stay', `  sEcret =  ${word}`, `  sEcret =  ${keptValue}`],
  ['a comment after it goes, too', `Secret=${word} #${word}`, `Secret=${keptValue}`],
  ['a value that begins with #', `Secret=#${word}`, `Secret=${keptValue}`],
  ['a setting that is commented out', `\t# #Secret=${word}`, `\t# #Secret=${keptValue}`],
  ['an example in a comment', `# such as Secret=${word}`, `# such as Secret=${keptValue}`],
  ['a name that is mistyped', `Secert=${word}`, `Secert=${keptValue}`],
  ['a line that is no setting', `Secret ${word}`, `Secret ${keptValue}`],
  ['none is no secret', 'Secret=None', 'Secret=None'],
  ['nothing is no secret', '#Secret=  ', '#Secret=  '],
  ['a file of the secret is none', 'SecretFile=/etc/secret', 'SecretFile=/etc/secret'],
  ['a loose \\r before it', `Port=1\rSecret=${word}`, `Port=1\rSecret ${keptValue}`],
  ['a loose \\r in a comment', `# here\rSecret=${word}`, `# here\rSecret ${keptValue}`],
  ['a loose \\r in it', `Sec\rret=${word}`, `Sec\rret ${keptValue}`],
  ['behind a SecretFile', `SecretFile=x\rSecret=${word}`, `SecretFile=x\rSecret ${keptValue}`],
  ['a control character in it', `Sec\u0007ret=${word}`, `Sec\u0007ret=${keptValue}`],
  ['an unseen character in it', `Sec\u200bret=${word}`, `Sec\u200bret=${keptValue}`],
  ['an unseen one, no setting', `Sec\u200bret ${word}`, `Sec\u200bret ${keptValue}`],
  ['a mark on it', `Se\u0301cre\u0301t=${word}`, `Se\u0301cre\u0301t=${keptValue}`],
  ['a hyphen in it', `Sec-ret=${word}`, `Sec-ret=${keptValue}`],
  ['a bell behind it', `Secret\u0007${word}`, `Secret ${keptValue}`],
  [
    'another line break before it',
    `Port=1\u2028Secret=${word}`,
    `Port=1\u2028Secret= ${keptValue}`,
  ],
  ['no line break before it', `Port=1 Secret=${word}`, `Port=1 Secret= ${keptValue}`],
  ['in the comment of another', `Port=1 # Secret=${word}`, `Port=1 # Secret=${keptValue}`],
  ['words about it', '# Secret: the same at all', '# Secret: the same at all'],
];

for (const [title, text, expected] of masked)
  test(`masked text › ${title}`, (t) => {
    const whole = `\ufeffPort=1\r\n${text}\nTTL=1m`;
    const document = parseConf(whole);
    t.is(maskConf(document), `\ufeffPort=1\r\n${expected}\nTTL=1m`);
    t.is(formatConf(unmaskConf(maskConf(document), document)), whole);
    t.false(
      [...shownLines(document), ...shownChangedLines(document, document)].join().includes(word),
    );
  });

test('masked text › a masked line may move, change its spelling, or lose its #, and keeps its value', (t) => {
  const original = parseConf(`#Secret=${word}\nPort=1\n`);
  const back = (text: string) => formatConf(unmaskConf(text, original));
  t.is(back(`Port=2\n#Secret=${keptValue}\n`), `Port=2\n#Secret=${word}\n`);
  t.is(back(`Secret=${keptValue}\n`), `Secret=${word}\n`);
  t.is(back(` SECRET = ${keptValue}  # mine\n`), ` SECRET = ${word}  # mine\n`);
});

test('masked text › lines that look alike keep their own values', (t) => {
  const original = parseConf('#Secret=the first of them\n#Secret=the second of them\n');
  const text = maskConf(original);
  t.is(formatConf(unmaskConf(text, original)), formatConf(original));
  t.is(formatConf(unmaskConf(`Port=1\n${text}`, original)), `Port=1\n${formatConf(original)}`);
});

test('masked text › no other setting receives the value, and a mask without a value is reported', (t) => {
  const original = parseConf(`Secret=${word}\n`);
  const { lines } = unmaskConf(`LogLevel=${keptValue}\nSecretFile=${keptValue}\n`, original);
  t.false(lines.some(({ text }) => text.includes(word)));
  t.deepEqual(lines.map(isMaskAlone), [true, true]);
  t.true(isMaskAlone(unmaskConf(`Secret=${keptValue}`, parseConf('')).lines[0]));
  t.false(isMaskAlone(original.lines[0]));
});

test('masked text › a difference distinguishes a changed secret from an unchanged one', (t) => {
  const before = parseConf(`Secret=${word}\n`);
  t.deepEqual(shownLines(before), ['Secret=(hidden)']);
  t.deepEqual(shownChangedLines(parseConf(`Secret=${word} \nSecret=x${word}`), before), [
    'Secret=(hidden)',
    'Secret=(hidden, changed)',
  ]);
});

test('masked text › property: masking is reversible, and the masked text does not contain the secret', (t) => {
  const part = fc.constantFrom(
    'Secret',
    '#',
    '=',
    ' ',
    '\n',
    '\r\n',
    word,
    'Port',
    '\0',
    '\r',
    '\u0007',
    '\u200b',
    keptValue,
  );
  const property = fc.property(fc.array(part, { maxLength: 24 }), (parts) => {
    const document = parseConf(parts.join(''));
    t.is(formatConf(unmaskConf(maskConf(document), document)), parts.join(''));
    for (const line of maskConf(document).split('\n'))
      t.notRegex(line, /^[ #]*Secret *= *[ #]*Zq8/);
    for (const line of maskConf(document).split(/[\r\n]/))
      t.notRegex(line.replaceAll(/[\0\u0007\u200b]/g, ''), /^ *Secret *= *Zq8/);
  });
  t.notThrows(() => fc.assert(property, { numRuns: 2_000 }));
});
