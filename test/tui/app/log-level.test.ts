import test from 'ava';
import type { IpcClient } from '../../../shared/ipc/client.ts';
import type { ConfigSave, SaveResult } from '../../../shared/ipc/config-contract.ts';
import { besideLevel, perform } from '../../../tui/daemon/actions.ts';
import { fixedConfig } from '../fixture-data.ts';

function saving(result: SaveResult, config = fixedConfig()) {
  const asked: ConfigSave[] = [];
  const client = {
    config: async () => config,
    saveConfig: async (change: ConfigSave) => {
      asked.push(change);
      return result;
    },
  } as unknown as IpcClient;
  return { asked, set: () => perform(client, { action: 'log', level: 'debug' }) };
}

const saved: SaveResult = {
  outcome: 'saved',
  backup: 'b',
  warnings: [],
  changed: [{ name: 'LogLevel', from: 'info', to: 'debug' }],
  waiting: [],
  config: fixedConfig(),
};

test('log level › it is set in ddns.conf as it was read, and nothing else', async (t) => {
  const { asked, set } = saving(saved);
  t.deepEqual(await set(), { tone: 'good', text: 'debug and above is logged from now on' });
  t.deepEqual(asked, [{ edits: [{ name: 'LogLevel', value: 'debug' }], fingerprint: 'first' }]);
});

test('log level › what the file had changed besides is said', async (t) => {
  const changed = [...saved.changed, { name: 'TTL', from: '60m', to: '5m' }];
  t.is(
    (await saving({ ...saved, changed }).set()).text,
    'debug and above is logged from now on; the file had changed TTL too',
  );
});

test('log level › why it was not set is said', async (t) => {
  const failed = async (result: SaveResult, config = fixedConfig()) => {
    const { tone, text } = await saving(result, config).set();
    t.is(tone, 'bad');
    return text.replace('setting LogLevel=debug failed: ', '');
  };
  const conf = '/etc/dynamo/DDNS/ddns.conf';
  t.is(
    await failed({ outcome: 'conflict', config: fixedConfig() }),
    `${conf} was changed by somebody else at the same time; try again`,
  );
  const problem = {
    line: 1,
    name: 'Port',
    value: 'x',
    message: 'must be 1 to 65535',
    allowed: null,
  };
  t.is(await failed({ outcome: 'refused', problems: [problem] }), 'must be 1 to 65535');
  t.is(
    await failed(saved, fixedConfig({ text: null, fingerprint: null })),
    `${conf} cannot be read; Config says why`,
  );
  t.deepEqual(await saving({ outcome: 'unchanged', config: fixedConfig() }).set(), {
    tone: 'good',
    text: `${conf} says already that debug and above is logged`,
  });
});

test('log level › each has its neighbours', (t) => {
  t.deepEqual([besideLevel('info', 1), besideLevel('info', -1)], ['debug', 'warn']);
  t.deepEqual([besideLevel('trace', 1), besideLevel('error', -1)], [null, null]);
});
