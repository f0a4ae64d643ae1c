import test from 'ava';
import type { ConfigSetting } from '../../../../shared/ipc/config-contract.ts';
import { isDefault, valueText } from '../../../../tui/views/config/config-table.ts';
import { fixedConfig } from '../../fixture-data.ts';

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
