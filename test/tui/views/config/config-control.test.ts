import test from 'ava';
import type { IpcClient } from '../../../../shared/ipc/client.ts';
import type {
  ConfigChange,
  ConfigCheck,
  ConfigResult,
  SaveResult,
} from '../../../../shared/ipc/config-contract.ts';
import {
  type ConsoleState,
  firstState,
  reduceConsole,
} from '../../../../tui/console/console-state.ts';
import { createStore } from '../../../../tui/state/common-state.ts';
import { createConfigControl } from '../../../../tui/views/config/config-control.ts';
import {
  type ConfigState,
  hasDraft,
  setSetting,
  textForEditor,
} from '../../../../tui/views/config/config-state.ts';
import { fixedCheck, fixedConfig, fixedConfText } from '../../fixture-data.ts';

interface Daemon {
  config?: () => Promise<ConfigResult>;
  check?: (change: ConfigChange) => Promise<ConfigCheck>;
  save?: () => Promise<SaveResult>;
}

/** A console on the Config view and a daemon that answers so. */
function start(daemon: Daemon, readOnly = false) {
  const size = { columns: 80, rows: 24 };
  const store = createStore(firstState({ size, view: 'config', readOnly, now: 0 }), reduceConsole);
  const asked: string[] = [];
  const counted =
    <P extends unknown[], R>(name: string, answer: (...parameters: P) => R) =>
    (...parameters: P) => {
      asked.push(name);
      return answer(...parameters);
    };
  const client = {
    config: counted('config', daemon.config ?? (async () => fixedConfig())),
    checkConfig: counted('check', daemon.check ?? (async () => fixedCheck())),
    saveConfig: counted('save', daemon.save ?? (async () => done)),
  } as unknown as IpcClient;
  const attached: { client: IpcClient | null } = { client };
  const control = createConfigControl(store, () => attached.client);
  store.subscribe(() => control.pump());
  const until = (isSo: (state: ConsoleState) => boolean) =>
    new Promise<ConsoleState>((resolve) => {
      const look = () => {
        if (isSo(store.get())) resolve(store.get());
      };
      store.subscribe(look);
      look();
    });
  const change = (next: (config: ConfigState) => ConfigState) =>
    store.dispatch({ type: 'config', change: next });
  return { store, control, asked, attached, until, change };
}

/** The same, with a Backlog of 200 that is not saved. */
async function startChanged(daemon: Daemon) {
  const started = start(daemon);
  started.control.pump();
  await started.until(isRead);
  started.change((state) => setSetting(state, 'Backlog', '200'));
  return started;
}

const done: SaveResult = {
  outcome: 'saved',
  backup: 'b',
  warnings: [],
  changed: [],
  waiting: [],
  config: fixedConfig({ fingerprint: 'second' }),
};

const theirs = fixedConfig({
  text: fixedConfText.replace('# more', '# theirs: more'),
  fingerprint: 'second',
});

const isRead = ({ config }: ConsoleState) => config.config !== null && config.validation !== null;

test('config control › reads ddns.conf once when the view is looked at, and loads the checks', async (t) => {
  const { store, control, asked, until } = start({});
  control.pump();
  await until(isRead);
  for (let tick = 1; tick <= 5; tick++) store.dispatch({ type: 'tick', now: tick });
  t.deepEqual(asked, ['config']);
});

test('config control › asks nothing while another view is on the screen', (t) => {
  const { store, control, asked } = start({});
  store.dispatch({ type: 'view', view: 'hosts' });
  control.pump();
  t.deepEqual(asked, []);
});

test('config control › a daemon from before is named, and so is what else goes wrong', async (t) => {
  const older = start({
    config: () => Promise.reject(Object.assign(new Error('Unhandled method'), { code: -32601 })),
  });
  older.control.pump();
  const { config } = await older.until((state) => state.config.failure !== null);
  t.regex(config.failure ?? '', /^this ddnsd is older than the console/);
  const wrong = start({ check: () => Promise.reject(new Error('no such luck')) });
  wrong.control.pump();
  await wrong.until(isRead);
  wrong.change((state) => setSetting(state, 'TTL', '5m'));
  await wrong.control.check();
  const after = wrong.store.get();
  t.deepEqual([after.notice?.text, after.config.review], ['no such luck', null]);
  t.true(hasDraft(after.config));
});

test('config control › a difference is shown before anything is saved, and saved once', async (t) => {
  const { store, control, asked } = await startChanged({});
  await control.save();
  t.deepEqual(asked, ['config'], 'there was no difference yet');
  await control.check();
  t.is(store.get().config.review?.kind, 'difference');
  await Promise.all([control.save(), control.save()]);
  t.deepEqual(asked, ['config', 'check', 'save']);
  t.is(store.get().config.review?.kind, 'saved');
  t.false(hasDraft(store.get().config));
});

test('config control › with --read-only nothing is saved, whatever is asked', async (t) => {
  const { control, asked, until, change } = start({}, true);
  control.pump();
  await until(isRead);
  change((state) => ({ ...state, review: { kind: 'difference', check: fixedCheck() } }));
  await control.save();
  t.deepEqual(asked, ['config']);
});

test('config control › a file that changed before the check is a conflict, and R makes it a difference', async (t) => {
  let now = fixedConfig();
  const daemon = {
    config: async () => now,
    check: async () => fixedCheck({ fingerprint: now.fingerprint ?? '' }),
  };
  const { store, control } = await startChanged(daemon);
  now = theirs;
  await control.check();
  t.is(store.get().config.review?.kind, 'conflict');
  await control.reread();
  const { config } = store.get();
  t.deepEqual([config.review?.kind, config.config?.fingerprint], ['difference', 'second']);
  t.is(textForEditor(config), (theirs.text ?? '').replace('= 50 ', '= 200 '));
});

test('config control › only another fingerprint is no conflict', async (t) => {
  let now = fixedConfig();
  const daemon = {
    config: async () => now,
    check: async () => fixedCheck({ fingerprint: now.fingerprint ?? '' }),
  };
  const { store, control } = await startChanged(daemon);
  now = fixedConfig({ fingerprint: 'of the next process' });
  await control.check();
  t.is(store.get().config.review?.kind, 'difference');
});

test('config control › a conflict while saving keeps the changes', async (t) => {
  const { store, control } = await startChanged({
    save: async () => ({ outcome: 'conflict', config: theirs }),
  });
  await control.check();
  await control.save();
  const { config } = store.get();
  t.deepEqual([config.review?.kind, config.newer?.fingerprint], ['conflict', 'second']);
  t.true(hasDraft(config));
});

test('config control › what came back from the editor is checked, and kept with its mistakes', async (t) => {
  const problems = [{ line: 1, name: 'TTL', value: 'x', message: 'no', allowed: null }];
  let checked: ConfigChange | null = null;
  const { store, control, until } = start({
    check: async (change) => {
      checked = change;
      return fixedCheck({ problems });
    },
  });
  control.pump();
  await until(isRead);
  await control.takeEdited(fixedConfText, { text: fixedConfText });
  t.is(store.get().notice?.text, 'no changes made in the editor');
  await control.takeEdited(fixedConfText, { failure: 'vi ended with code 1' });
  t.is(store.get().notice?.text, 'vi ended with code 1');
  t.is(checked, null);
  const text = `TTL=x\n${fixedConfText}`;
  await control.takeEdited(fixedConfText, { text });
  t.deepEqual(checked, { text });
  t.is(store.get().config.review?.kind, 'problems');
  t.is(textForEditor(store.get().config), text);
});

test('config control › without a connection changes stay, and it says so', async (t) => {
  const { store, control, attached } = await startChanged({});
  attached.client = null;
  await control.check();
  t.regex(
    store.get().notice?.text ?? '',
    /^not connected to the name server; your changes are kept/,
  );
  t.true(hasDraft(store.get().config));
});
