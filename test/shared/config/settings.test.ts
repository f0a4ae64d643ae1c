import test from 'ava';
import { applyEdits, compareSettings } from '../../../shared/config/changes.ts';
import { formatConf, parseConf } from '../../../shared/config/conf-file.ts';
import { parseValue } from '../../../shared/config/setting-values.ts';
import {
  defaultText,
  formatSetting,
  settingDefinition,
  settingDefinitions,
} from '../../../shared/config/settings.ts';
import { defaultSettings } from '../../../shared/config/validate.ts';

const settings = defaultSettings({ file: '/etc/dynamo/DDNS/ddns.conf', platform: 'linux' });

test('settings table › the seven settings of the founding document come first, with its values', (t) => {
  t.deepEqual(
    settingDefinitions.slice(0, 7).map(({ name, default: text }) => `${name} ${text}`),
    [
      'Domain 2',
      'Service 1',
      'Protocol 0',
      'Port 4524',
      'Interface 192.168.0.1',
      'Backlog 100',
      'Threads 12',
    ],
  );
});

for (const definition of settingDefinitions)
  test(`settings table › ${definition.name}: its default is allowed and reads back as written`, (t) => {
    t.true('value' in parseValue<unknown>(definition.schema, defaultText(definition, 'win32')));
    t.is(formatSetting(settings, definition.key), defaultText(definition, 'linux'));
  });

const durations: [ms: number, text: string][] = [
  [1_000, '1s'],
  [90_000, '90s'],
  [120_000, '2m'],
  [3_600_000, '60m'],
  [7_200_000, '2h'],
  [5_400_000, '90m'],
  [86_400_000, '1d'],
];

for (const [ttlMs, text] of durations)
  test(`settings table › a TTL of ${ttlMs} ms is written ${text}`, (t) => {
    t.is(formatSetting({ ...settings, ttlMs }, 'ttlMs'), text);
  });

test('changes › equal settings change nothing', (t) => {
  t.deepEqual(compareSettings(settings, { ...settings }), {
    changed: [],
    waiting: [],
    inForce: settings,
  });
});

test('changes › live settings apply at once, the others wait for a restart', (t) => {
  const next = { ...settings, ttlMs: 90_000, backlog: 8, logLevel: 'debug', port: 4525 } as const;
  t.deepEqual(compareSettings(settings, next), {
    changed: [
      { name: 'Backlog', from: '100', to: '8' },
      { name: 'TTL', from: '60m', to: '90s' },
      { name: 'LogLevel', from: 'info', to: 'debug' },
    ],
    waiting: [{ name: 'Port', from: '4524', to: '4525' }],
    inForce: { ...next, port: 4524 },
  });
});

test('changes › a setting that waits is listed again until it is changed back', (t) => {
  const next = { ...settings, threads: 2 };
  const { inForce } = compareSettings(settings, next);
  t.deepEqual(compareSettings(inForce, next).waiting, [{ name: 'Threads', from: '12', to: '2' }]);
  t.deepEqual(compareSettings(inForce, settings).waiting, []);
});

const lists: [text: string, addresses: string[]][] = [
  ['none', []],
  ['None', []],
  ['10.0.0.1', ['10.0.0.1:4524']],
  [
    '10.0.0.1:1, 2001:db8::1 [2001:db8:0::2]:3',
    ['10.0.0.1:1', '[2001:db8::1]:4524', '[2001:db8::2]:3'],
  ],
  ['ns1.example.org, ns2:1', ['ns1.example.org:4524', 'ns2:1']],
];
const noLists: [text: string, says: RegExp][] = [
  ['10.0.0.256', /^"10\.0\.0\.256" is not an address: must be ip, ip:port, name or name:port/],
  ['ns1.example.org ns2-', /^"ns2-" is not a host name/],
  ['ns1 NS1.:4524', /^ns1:4524 is listed twice/],
  ['0.0.0.0:4524', /is not an address/],
  ['10.0.0.1 10.0.0.1:4524', /^10\.0\.0\.1:4524 is listed twice; list each name server once$/],
  [
    Array.from({ length: 65 }, (_, index) => `10.0.0.${index}`).join(' '),
    /^65 name servers; at most 64 are supported$/,
  ],
];

test('settings table › NameServers takes addresses and names with or without a port, Advertise one address', (t) => {
  const nameServers = settingDefinition('nameServers');
  for (const [text, value] of lists) t.deepEqual(parseValue(nameServers.schema, text), { value });
  for (const [text, says] of noLists) {
    const parsed = parseValue(nameServers.schema, text);
    t.regex('message' in parsed ? parsed.message : 'accepted', says);
  }
  t.is(nameServers.format(['10.0.0.1:1', '10.0.0.2:2']), '10.0.0.1:1, 10.0.0.2:2');
  const { schema } = settingDefinition('advertise');
  t.deepEqual(parseValue(schema, 'same'), { value: null });
  t.deepEqual(parseValue(schema, '192.0.2.1'), { value: '192.0.2.1:4524' });
  t.true('message' in parseValue(schema, '0.0.0.0:1'));
});

test('settings table › Fleet takes servers of NATS by address and by name, also by that of a Docker service', (t) => {
  const { schema, format } = settingDefinition('fleet');
  for (const text of ['nats://127.0.0.1:4222,[::1]:4223/blue', 'tls://stack_nats:4222']) {
    const parsed = parseValue(schema, text);
    t.is('value' in parsed ? format(parsed.value) : parsed.message, text);
  }
  t.true('message' in parseValue(schema, 'nats://a b'));
});

test('settings table › a list of name servers that is read again unchanged is no change', (t) => {
  const [before, after] = [{ nameServers: ['10.0.0.1:1'] }, { nameServers: ['10.0.0.1:1'] }].map(
    (more) => ({ ...settings, ...more }),
  );
  t.deepEqual(compareSettings(before, after).waiting, []);
});

for (const { name, meaning, tradeOff } of settingDefinitions)
  test(`settings table › ${name}: its texts are sentences`, (t) => {
    for (const text of [meaning, tradeOff]) t.regex(text, /^[^\n]{20,}[.]$/);
  });

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

test('edits › an edit that cannot be written becomes a problem, and the others are applied', (t) => {
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
