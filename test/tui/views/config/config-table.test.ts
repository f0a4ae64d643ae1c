import test from 'ava';
import type { ConfigSetting } from '../../../../shared/ipc/config-contract.ts';
import type { ConsoleAction } from '../../../../tui/console/console-state.ts';
import { moveConfig, takeConfig } from '../../../../tui/views/config/config-state.ts';
import { isDefault, valueText } from '../../../../tui/views/config/config-table.ts';
import { validation } from '../../../../tui/views/config/validation.ts';
import { fixedConfig } from '../../fixture-data.ts';
import { shownOf } from '../../frame-of.tsx';
import { changed, configured } from '../../screens/config.ts';

const { settings } = fixedConfig();
const named = (name: string) => settings.find((each) => each.name === name) as ConfigSetting;

test('settings › a number says what it stands for, as the list of allowed values does', (t) => {
  t.is(valueText(named('Domain'), '2'), '2 (IPv4)');
  t.is(valueText(named('Domain'), '10'), '10 (IPv6)');
  t.is(valueText(named('Service'), '1'), '1 (SOCK_STREAM)');
  t.is(valueText(named('Protocol'), '17'), '17 (UDP)');
  t.is(valueText(named('Port'), '4524'), '4524');
  t.is(valueText(named('Database'), '/x(2)'), '/x(2)');
  t.is(valueText({ ...named('Port'), allowed: '7 (\u001b[2J)' }, '7'), '7 (\\x1b[2J)');
});

test('settings › one is marked when its value is not the default', (t) => {
  const row = (setting: ConfigSetting) => ({ setting, inFile: null, inDraft: null });
  t.true(isDefault(row(named('Domain'))));
  t.false(isDefault(row({ ...named('Domain'), value: '10' })));
});

test('settings › there is a column for new values when there are some, and room for the current ones', async (t) => {
  const size = { columns: 80, rows: 24 };
  const shown = async (actions: Parameters<typeof shownOf>[0]['actions']) =>
    (await shownOf({ view: 'config', actions }, size)).lines.join('\n');
  const inForce: ConsoleAction = {
    type: 'config',
    change: (config) =>
      takeConfig(
        { ...config, validation },
        fixedConfig({ settings: settings.map((each) => ({ ...each, waiting: null })) }),
      ),
  };
  const untouched = await shown([inForce]);
  t.false(untouched.includes('new value'));
  t.true(untouched.includes('0 (the one that fits Service)'), untouched);
  t.true((await shown([inForce, changed])).includes('new value'));
});

test('settings › what is wrong with a typed value is said in the lowest window, too', async (t) => {
  const actions: ConsoleAction[] = [
    configured,
    { type: 'config', change: (_, state) => moveConfig(state, { by: 5 }) },
    { type: 'prompt', prompt: { kind: 'setting', name: 'Backlog', text: '99999', before: '50' } },
  ];
  for (const rows of [10, 14, 20, 24]) {
    const { lines } = await shownOf({ view: 'config', actions }, { columns: 60, rows });
    t.is(lines.join('\n').split('must be').length, 2, lines.join('\n'));
  }
});
