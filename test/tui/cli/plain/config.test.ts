import test from 'ava';
import { ResponseError } from 'vscode-jsonrpc/node';
import { settingDefinitions } from '../../../../shared/config/settings.ts';
import type { IpcClient } from '../../../../shared/ipc/client.ts';
import type { ConfigSave, SaveResult } from '../../../../shared/ipc/config-contract.ts';
import { ipcErrors } from '../../../../shared/ipc/contract.ts';
import {
  readAssignmentWords,
  reloadConfig,
  setConfig,
} from '../../../../tui/cli/config-command.ts';
import {
  configJson,
  configPlain,
  problemText,
  settingJson,
  settingOf,
  settingPlain,
} from '../../../../tui/cli/plain/config.ts';
import { fixedCheck, fixedConfig } from '../../fixture-data.ts';

const problem = {
  line: 5,
  name: 'TTL',
  value: '5x',
  message: 'must be a duration',
  allowed: '1s to 30d',
};

test('plain config › a table of what is in force and what waits, with what is wrong below', (t) => {
  const lines = configPlain(fixedConfig({ problems: [problem], unwritable: 'no\u001broom' })).split(
    '\n',
  );
  t.is(lines[0], '/etc/dynamo/DDNS/ddns.conf');
  t.deepEqual(lines[2]?.split(/ {2,}/), ['SETTING', 'CURRENT', 'NEW VALUE', 'DEFAULT', 'APPLIES']);
  t.deepEqual(lines[8]?.split(/ {2,}/), ['Backlog', '50', '-', '100', 'immediately']);
  t.deepEqual(lines[9]?.split(/ {2,}/), ['Threads', '12', '4, on restart', '12', 'on restart']);
  t.deepEqual(lines.slice(3 + settingDefinitions.length), [
    'error: line 5: TTL=5x: must be a duration. Allowed: 1s to 30d',
    'cannot be saved: no\\x1broom',
    '',
  ]);
});

test('plain config › JSON has the members that scripts rely on, and not the text', (t) => {
  const parsed = JSON.parse(configJson(fixedConfig()));
  t.deepEqual(Object.keys(parsed), ['file', 'settings', 'problems', 'unwritable']);
  t.deepEqual(Object.keys(parsed.settings[0]), [
    'name',
    'value',
    'default',
    'allowed',
    'applies',
    'waiting',
    'meaning',
  ]);
});

test('plain config › one setting by its name in any case', (t) => {
  const setting = settingOf(fixedConfig(), 'BACKLOG');
  if (setting === null) return t.fail();
  t.is(settingPlain(setting), '50\n');
  t.is(JSON.parse(settingJson(setting)).name, 'Backlog');
  t.is(settingOf(fixedConfig(), 'Nope'), null);
});

test('plain config › a problem names line, value and what is allowed, once', (t) => {
  t.is(
    problemText({ ...problem, message: 'must be 1s to 30d' }),
    'line 5: TTL=5x: must be 1s to 30d',
  );
  const whole = { line: null, name: null, value: null, message: 'is too large', allowed: null };
  t.is(problemText(whole), 'is too large');
});

test('config set › words are assignments, and an empty value takes a setting out', (t) => {
  t.deepEqual(readAssignmentWords(['TTL=5m', 'Database=/a=b', ' Port = 1 ', 'Threads=']), [
    { name: 'TTL', value: '5m' },
    { name: 'Database', value: '/a=b' },
    { name: 'Port', value: '1' },
    { name: 'Threads', value: null },
  ]);
  for (const word of ['TTL', '=5m', '']) t.is(readAssignmentWords(['Port=1', word]), null, word);
});

interface Answers {
  check?: Parameters<typeof fixedCheck>[0];
  save?: SaveResult;
  agreed?: boolean;
  json?: boolean;
}

/** `config set Backlog=200` with a daemon that answers so. */
async function set({ check, save, agreed, json = false }: Answers) {
  const saved: ConfigSave[] = [];
  const client = {
    checkConfig: async () => fixedCheck(check),
    saveConfig: async (params: ConfigSave) => {
      saved.push(params);
      return save;
    },
  } as unknown as IpcClient;
  let [out, err, asked] = ['', '', ''];
  const write = async (text: string) => {
    out += text;
    return true;
  };
  const agree = async (difference: string) => {
    asked = difference;
    return agreed ?? false;
  };
  const code = await setConfig(client, {
    edits: [{ name: 'Backlog', value: '200' }],
    json,
    agree: agreed === undefined ? null : agree,
    output: { write },
    complain: (line) => {
      err += `${line}\n`;
    },
  });
  return { code, out, err, asked, saved };
}

const done: SaveResult = {
  outcome: 'saved',
  backup: '/etc/dynamo/DDNS/ddns.conf.bak',
  warnings: ['look at this'],
  changed: fixedCheck().changed,
  waiting: fixedCheck().waiting.slice(0, 1),
  config: fixedConfig(),
};

test('config set › shows the difference, saves the file that it is of, and says what counts when', async (t) => {
  const { code, out, err, saved } = await set({ save: done });
  t.is(code, 0);
  t.is(err, '');
  t.deepEqual(saved, [{ edits: [{ name: 'Backlog', value: '200' }], fingerprint: 'first' }]);
  t.is(
    out,
    [
      '    4   ',
      '    5   # more did not help',
      '    6 - backlog = 50   # tried 100',
      '    6 + backlog = 200   # tried 100',
      '    7   #TTL=60m',
      '    8   Threads=4',
      '    9 - Secret=(hidden)',
      '    9 + Secret=(hidden, changed)',
      'saved to /etc/dynamo/DDNS/ddns.conf; the previous version is in /etc/dynamo/DDNS/ddns.conf.bak',
      'Backlog 50 → 200, active now',
      'Threads 12 → 4, active after ddnsd restarts',
      'warning: look at this',
      '',
    ].join('\n'),
  );
});

test('config set › without agreement nothing is saved', async (t) => {
  const { code, out, err, asked, saved } = await set({ save: done, agreed: false });
  t.deepEqual([code, out, err, saved], [1, '', 'cancelled; nothing changed\n', []]);
  t.true(asked.includes('+ backlog = 200'));
  t.is((await set({ save: done, agreed: true })).code, 0);
});

test('config set › mistakes end with the code for configuration, and nothing is saved', async (t) => {
  const { code, err, saved } = await set({ check: { problems: [problem] }, save: done });
  t.deepEqual([code, saved], [78, []]);
  t.is(err, 'line 5: TTL=5x: must be a duration. Allowed: 1s to 30d\n');
  const late = await set({ save: { outcome: 'refused', problems: [problem] } });
  t.is(late.code, 78);
  const json = await set({ check: { problems: [problem] }, json: true });
  t.deepEqual(JSON.parse(json.out), { outcome: 'refused', problems: [problem] });
});

test('config set › somebody who was faster, and nothing to change', async (t) => {
  const conflict = await set({ save: { outcome: 'conflict', config: fixedConfig() } });
  t.is(conflict.code, 1);
  t.regex(conflict.err, /changed on disk; try again/);
  const same = await set({ check: { difference: [] } });
  t.deepEqual(
    [same.code, same.out, same.saved],
    [0, 'nothing to save: ddns.conf has these values already\n', []],
  );
});

test('config set › JSON is the outcome alone', async (t) => {
  const { out } = await set({ save: done, json: true });
  t.deepEqual(JSON.parse(out), {
    outcome: 'saved',
    changed: [{ name: 'Backlog', from: '50', to: '200' }],
    waiting: [{ name: 'Threads', from: '12', to: '4' }],
    warnings: ['look at this'],
    backup: '/etc/dynamo/DDNS/ddns.conf.bak',
  });
});

/** `config reload` with a daemon that does this. */
async function reload(client: Pick<IpcClient, 'reload'>, json = false) {
  let [out, err] = ['', ''];
  const code = await reloadConfig(client, {
    json,
    output: {
      write: async (text) => {
        out += text;
        return true;
      },
    },
    complain: (line) => {
      err += `${line}\n`;
    },
  });
  return { code, out, err };
}

test('config reload › says what is in force now and what waits', async (t) => {
  const result = {
    changed: [{ name: 'TTL', from: '60m', to: '5m' }],
    waiting: [{ name: 'Port', from: '4524', to: '4525' }],
  };
  const client = { reload: async () => result };
  t.deepEqual(await reload(client), {
    code: 0,
    out: 'TTL 60m → 5m, active now\nPort 4524 → 4525, active after ddnsd restarts\nddns.conf reloaded\n',
    err: '',
  });
  t.deepEqual(JSON.parse((await reload(client, true)).out), result);
});

test('config reload › fails with every mistake of ddns.conf, which the former settings outlive', async (t) => {
  const failing = (code: number) => ({
    reload: async () => {
      throw new ResponseError(
        code,
        '/ddns.conf:1: TTL=x: is no time\n/ddns.conf:2: Port=x: \u001b',
      );
    },
  });
  t.deepEqual(await reload(failing(ipcErrors.badConfiguration)), {
    code: 78,
    out: '',
    err: '/ddns.conf:1: TTL=x: is no time\n/ddns.conf:2: Port=x: \\x1b\nnot reloaded: the former settings stay in force\n',
  });
  await t.throwsAsync(reload(failing(ipcErrors.noAnswer)), { instanceOf: ResponseError });
});
