import test from 'ava';
import { compareSettings } from '../../../shared/config/changes.ts';
import { parseValue } from '../../../shared/config/setting-values.ts';
import { defaultText, formatSetting, settingDefinitions } from '../../../shared/config/settings.ts';
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

test('changes › live settings count at once, the others wait and are not in force', (t) => {
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

test('changes › just Backlog, TTL, PingAttempts and LogLevel count without a restart', (t) => {
  t.deepEqual(
    settingDefinitions.filter(({ applies }) => applies === 'live').map(({ name }) => name),
    ['Backlog', 'TTL', 'PingAttempts', 'LogLevel'],
  );
});
