import test from 'ava';
import fc from 'fast-check';
import {
  type ConfDocument,
  decodeConf,
  findSettings,
  formatConf,
  maxConfFileBytes,
  maxConfLineLength,
  parseConf,
  setValue,
  unsetValue,
  unwritable,
} from '../../../shared/config/conf-file.ts';
import { createBelow } from '../../fixture/random.ts';

const sample = [
  '\ufeff# The name server in the hall\r\n',
  '\r\n',
  'Port=4524\n',
  '  Interface =  eth0\t# the one with the blue cable\n',
  'Database=/srv/a#b c.db\n',
  '#Backlog=100\n',
  'THREADS\t=\t4   \n',
  'TTL=#none',
].join('');

function settings({ lines }: ConfDocument): string[][] {
  return lines.flatMap((line) => (line.kind === 'setting' ? [[line.name, line.value]] : []));
}

const table: [title: string, line: string, expected: [string, string] | 'silent' | string][] = [
  ['a plain line', 'Port=4524', ['Port', '4524']],
  ['spaces and tabs around name and value', ' \tPort \t=\t 4524 \t', ['Port', '4524']],
  [
    'spaces inside a value',
    'Database=C:\\my files\\hosts.db',
    ['Database', 'C:\\my files\\hosts.db'],
  ],
  ['an equals sign inside a value', 'Secret=a=b==', ['Secret', 'a=b==']],
  ['a comment after white space', 'Port=4524 # the usual', ['Port', '4524']],
  ['a # inside a value', 'Secret=ab#cd', ['Secret', 'ab#cd']],
  ['a # right after the =', 'Port=#4524', ['Port', '']],
  ['a # right after the second =', 'Secret==#x', ['Secret', '=#x']],
  ['an empty value', 'Port=', ['Port', '']],
  ['no value but a comment', 'Port=  # later', ['Port', '']],
  ['an empty line', '', 'silent'],
  ['white space', ' \t ', 'silent'],
  ['a comment', '# Port=4524', 'silent'],
  ['an indented comment', '\t#x', 'silent'],
  ['no =', 'Port 4524', 'is not name=value; a comment begins with #'],
  ['the = in a comment', 'Port # =4524', 'is not name=value; a comment begins with #'],
  ['no name', ' = 4524', 'has no name before the ='],
  ['a NUL', 'Port=45\u000024', 'has a NUL character; save the file as UTF-8 text'],
];

for (const [title, text, expected] of table)
  test(`conf file › reads ${title}`, (t) => {
    const { lines } = parseConf(`${text}\n`);
    const [line] = lines;
    const seen =
      line.kind === 'setting'
        ? [line.name, line.value]
        : line.kind === 'silent'
          ? 'silent'
          : line.message;
    t.deepEqual([seen, lines.length], [expected, 1]);
  });

test('conf file › a byte order mark, both line endings and a last line without one are kept', (t) => {
  const document = parseConf(sample);
  t.deepEqual(settings(document), [
    ['Port', '4524'],
    ['Interface', 'eth0'],
    ['Database', '/srv/a#b c.db'],
    ['THREADS', '4'],
    ['TTL', ''],
  ]);
  t.deepEqual(
    document.lines.map(({ ending }) => ending),
    ['\r\n', '\r\n', '\n', '\n', '\n', '\n', '\n', ''],
  );
  t.is(formatConf(document), sample);
});

test('conf file › settings are found in any case, with their lines', (t) => {
  const found = findSettings(parseConf('port=1\n#\nPORT=2\nPorts=3\n'), 'Port');
  t.deepEqual(
    found.map(({ line, setting }) => [line, setting.value]),
    [
      [1, '1'],
      [3, '2'],
    ],
  );
});

test('conf file › a line at the limit is read, one character more is malformed', (t) => {
  const [atLimit, over] = parseConf(
    `A=${'x'.repeat(maxConfLineLength - 2)}\nA=${'x'.repeat(maxConfLineLength - 1)}\n`,
  ).lines;
  t.is(atLimit.kind, 'setting');
  t.like(over, { kind: 'malformed', message: 'has 4097 characters, but a line has at most 4096' });
});

test('conf file › a file at the size limit is read, one byte more is not', (t) => {
  const atLimit = new Uint8Array(maxConfFileBytes).fill(0x0a);
  t.deepEqual(decodeConf(atLimit).problems, []);
  t.deepEqual(decodeConf(new Uint8Array(maxConfFileBytes + 1).fill(0x0a)), {
    text: '',
    problems: [
      {
        line: null,
        message: 'has 1048577 bytes, but a configuration file has at most 1048576',
      },
    ],
  });
});

test('conf file › every line that is not UTF-8 is reported, and the others are still read', (t) => {
  const bytes = Buffer.concat([
    Buffer.from('Port=1\n'),
    Buffer.from([0x41, 0x3d, 0xff, 0x0a]),
    Buffer.from('Backlog=ü\n'),
    Buffer.from([0xc3]),
  ]);
  const { text, problems } = decodeConf(bytes);
  t.deepEqual(
    problems,
    [2, 4].map((line) => ({ line, message: 'is not UTF-8 text; save the file as UTF-8' })),
  );
  t.deepEqual(settings(parseConf(text)), [
    ['Port', '1'],
    ['A', '\ufffd'],
    ['Backlog', 'ü'],
  ]);
});

test('conf file › UTF-16 is recognised', (t) => {
  const { problems } = decodeConf(Buffer.from('\ufeffPort=1\n', 'utf16le'));
  t.deepEqual(problems, [{ line: null, message: 'is UTF-16 text; save it as UTF-8' }]);
});

test('conf file › every prefix of a file parses and formats to itself', (t) => {
  const bytes = Buffer.from(sample);
  for (let length = 0; length <= bytes.length; length++) {
    const { text, problems } = decodeConf(bytes.subarray(0, length));
    t.is(formatConf(parseConf(text)), text);
    if (problems.length === 0) t.deepEqual(Buffer.from(text), bytes.subarray(0, length));
  }
});

test('conf file › a file that grows byte by byte never changes a line that is complete', (t) => {
  const whole = parseConf(sample).lines;
  for (let length = 0; length <= sample.length; length++) {
    const complete = parseConf(sample.slice(0, length)).lines.filter(({ ending }) => ending !== '');
    t.deepEqual(complete, whole.slice(0, complete.length));
  }
});

test('conf file › random damage to the bytes never throws, and what parses formats to itself', (t) => {
  const seed = Date.now() % 1_000_000;
  t.log(`seed ${seed}`);
  const random = createBelow(seed);
  for (let round = 0; round < 2_000; round++) {
    const bytes = Buffer.from(sample);
    for (let hits = 1 + random(8); hits > 0; hits--) bytes[random(bytes.length)] = random(256);
    const { text } = decodeConf(bytes.subarray(0, random(bytes.length + 1)));
    t.is(formatConf(parseConf(text)), text, `seed ${seed}, round ${round}`);
  }
});

test('conf file › an edit keeps spelling, spaces, comment and ending of its line', (t) => {
  const edited = setValue(parseConf(sample), 'interface', '0.0.0.0');
  t.is(formatConf(edited), sample.replace('eth0', '0.0.0.0'));
});

test('conf file › the last line of a setting given twice is edited', (t) => {
  t.is(formatConf(setValue(parseConf('Port=1\nport=2\n'), 'Port', '3')), 'Port=1\nport=3\n');
});

test('conf file › a new value does not run into a comment that followed an empty one', (t) => {
  t.is(formatConf(setValue(parseConf('TTL=#none'), 'TTL', '90s')), 'TTL=90s #none');
});

test('conf file › a setting without a line goes after the comment that shows its default', (t) => {
  const before = '# Backlog: how many\r\n#Backlog=100\r\n\r\n#Threads=12';
  const edited = setValue(setValue(parseConf(before), 'Backlog', '8'), 'Threads', '2');
  t.is(
    formatConf(edited),
    '# Backlog: how many\r\n#Backlog=100\r\nBacklog=8\r\n\r\n#Threads=12\r\nThreads=2\r\n',
  );
});

test('conf file › a setting without a commented default goes to the end', (t) => {
  t.is(formatConf(setValue(parseConf('Port=1'), 'Backlog', '8')), 'Port=1\nBacklog=8\n');
  t.is(formatConf(setValue(parseConf(''), 'Backlog', '8')), 'Backlog=8\n');
});

test('conf file › taking a setting out leaves its comment and everything else', (t) => {
  const before = parseConf(
    '\ufeff# top\r\nport = 1  # ours\r\nTTL=2m\nPORT=3\r\n#Port=4524\nBacklog=5',
  );
  t.is(
    formatConf(unsetValue(before, 'Port')),
    '\ufeff# top\r\n# ours\r\nTTL=2m\n#Port=4524\nBacklog=5',
  );
  t.is(formatConf(unsetValue(before, 'backlog')).split('\n').at(-1), '');
  t.deepEqual(unsetValue(before, 'Threads'), before);
  t.is(formatConf(unsetValue(parseConf('Secret=abc #def\nTTL=2m'), 'Secret')), 'TTL=2m');
});

const unwritableValues: [value: string, reason: string][] = [
  ['', 'is empty'],
  [' x', 'begins or ends with white space'],
  ['x\t', 'begins or ends with white space'],
  ['a\nPort=1', 'contains a line break or a NUL'],
  ['a\r', 'contains a line break or a NUL'],
  ['a\0', 'contains a line break or a NUL'],
  ['#x', 'has a # that would start a comment'],
  ['a #b', 'has a # that would start a comment'],
];

for (const [value, reason] of unwritableValues)
  test(`conf file › a value that ${reason} is not written: ${JSON.stringify(value)}`, (t) => {
    t.is(unwritable(value), reason);
    t.throws(() => setValue(parseConf('Port=1\n'), 'Port', value), {
      instanceOf: RangeError,
      message: `Port: the value ${reason}`,
    });
  });

test('conf file › an invalid name is not written', (t) => {
  for (const name of ['', '#x', 'a b #c', 'a=b', 'a\nb'])
    t.throws(() => setValue(parseConf(''), name, '1'), { instanceOf: RangeError }, name);
});

test('conf file › a line that would become too long is not written', (t) => {
  t.throws(() => setValue(parseConf('Port=1'), 'Port', 'x'.repeat(maxConfLineLength)), {
    instanceOf: RangeError,
    message: 'Port: the line has 4101 characters, but a line has at most 4096',
  });
});

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: fc.constantFrom('a', '#', '=', ' ', '\t', '\r', '\n', '\ufeff', '\0', 'é') }),
);
const anyName = fc.constantFrom('Port', 'a', 'Interface');
const anyValue = fc
  .oneof(anyText, fc.constantFrom('4524', 'a#b', '=', 'a = b'))
  .filter((value) => unwritable(value) === null);

test('conf file › property: any text parses and formats to itself', (t) => {
  t.notThrows(() =>
    fc.assert(fc.property(anyText, (text) => formatConf(parseConf(text)) === text)),
  );
});

test('conf file › property: an edit is read back, and all other lines keep every byte', (t) => {
  const body = fc.array(
    fc.oneof(
      anyText,
      fc.tuple(anyName, anyText).map(([name, value]) => `${name.toUpperCase()} =${value}`),
      fc.tuple(anyName, anyText).map(([name, value]) => ` # ${name}=${value}`),
    ),
    { maxLength: 8 },
  );
  const property = fc.property(body, anyName, anyValue, (chunks, name, value) => {
    const before = parseConf(chunks.join('\n'));
    const after = setValue(before, name, value);
    const text = formatConf(after);
    t.deepEqual(parseConf(text), after);
    t.is(findSettings(after, name).at(-1)?.setting.value, value);

    const line = after.lines.findIndex((each, index) => each !== before.lines[index]);
    if (findSettings(before, name).length > 0) {
      t.is(after.lines.length, before.lines.length);
      t.deepEqual(after.lines.toSpliced(line, 1), before.lines.toSpliced(line, 1));
    } else {
      const added = after.lines.findIndex((each) => each.kind === 'setting' && each.name === name);
      const others = formatConf({ ...after, lines: after.lines.toSpliced(added, 1) });
      const whole = formatConf(before);
      t.true([whole, `${whole}\n`, `${whole}\r\n`].includes(others));
    }
  });
  t.notThrows(() => fc.assert(property, { numRuns: 1_000 }));
});
