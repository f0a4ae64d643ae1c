import test from 'ava';
import { applyEdits } from '../../../shared/config/changes.ts';
import { formatConf, parseConf } from '../../../shared/config/conf-file.ts';

const text = '# mine\r\nport = 1 # the old one\n\nThreads=4\n#TTL=60m\n';

test('edits › several settings at once, and comments, order and spelling stay', (t) => {
  const { document, problems } = applyEdits(parseConf(text), [
    { name: 'PORT', value: '2' },
    { name: 'ttl', value: '5m' },
    { name: 'Threads', value: null },
  ]);
  t.deepEqual(problems, []);
  t.is(formatConf(document), '# mine\r\nport = 2 # the old one\n\n#TTL=60m\nTTL=5m\r\n');
});

test('edits › what cannot be written is said, and the rest is done', (t) => {
  const { document, problems } = applyEdits(parseConf(text), [
    { name: 'Prot', value: '2' },
    { name: 'Backlog', value: '' },
    { name: 'secret', value: 'a #b' },
    { name: 'Database', value: 'x'.repeat(4_096) },
    { name: 'Port', value: '3' },
  ]);
  t.deepEqual(
    problems.map(({ name, message }) => `${name} ${message.slice(0, 55).trim()}`),
    [
      'Prot is not a setting; known: Domain, Service, Protocol, Por',
      'Backlog the value is empty; allowed: 1 to 65535',
      'Secret the value has a # that would start a comment; allowed:',
      'Database the line has 4105 characters, but a line has at most 40',
    ],
  );
  t.is(problems[2]?.value, '(hidden)');
  t.is(formatConf(document), text.replace('port = 1', 'port = 3'));
});
