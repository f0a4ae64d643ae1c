import test from 'ava';
import type { IpcClient } from '../../../../shared/ipc/client.ts';
import type { LogQuery, LogResult } from '../../../../shared/ipc/log-contract.ts';
import {
  type ConsoleState,
  firstState,
  reduceConsole,
} from '../../../../tui/console/console-state.ts';
import { createStore, type ViewName } from '../../../../tui/state/common-state.ts';
import { createLogControl } from '../../../../tui/views/log/log-control.ts';
import { fixedDelta, fixedLog, fixedSnapshot, fixedStatus } from '../../fixture-data.ts';

/** A console and a daemon that has logged so many lines, and says what it was asked. */
function start(view: ViewName, logged = 6) {
  const size = { columns: 80, rows: 24 };
  const store = createStore(firstState({ size, view, readOnly: false, now: 0 }), reduceConsole);
  const daemon = { logged, pid: 1, failure: null as Error | null };
  const asked: LogQuery[] = [];
  const clientOf = (pid: number) =>
    ({
      server: { pid, startedAt: 7 },
      log: async (query: LogQuery): Promise<LogResult> => {
        asked.push(query);
        if (daemon.failure !== null) throw daemon.failure;
        return {
          status: { level: 'info', lines: daemon.logged },
          lines: fixedLog(daemon.logged - 6).filter(({ seq }) => seq > (query.after ?? 0)),
          forgotten: 0,
        };
      },
    }) as unknown as IpcClient;
  const attached: { client: IpcClient | null } = { client: clientOf(1) };
  const control = createLogControl(store, () => attached.client);
  store.subscribe(() => control.pump());
  const tell = (lines: number) => {
    daemon.logged = lines;
    const status = { log: { level: 'info' as const, lines } };
    store.dispatch({ type: 'delta', delta: fixedDelta({ status }), now: 0 });
  };
  const attach = (pid: number) => {
    attached.client = clientOf(pid);
    const log = { level: 'info' as const, lines: daemon.logged };
    const server = { ...fixedStatus().server, pid, startedAt: 7 };
    store.dispatch({ type: 'snapshot', snapshot: fixedSnapshot({ log, server }), now: 0 });
  };
  const until = (isSo: (state: ConsoleState) => boolean) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (isSo(store.get())) resolve();
      };
      store.subscribe(look);
      look();
    });
  return { store, daemon, asked, attached, control, tell, attach, until };
}

const hasLines = (count: number) => (state: ConsoleState) => state.log.shown.length === count;

test('log control › nothing is asked while another view is on the screen', async (t) => {
  const { store, asked, attach, tell, until } = start('overview');
  attach(1);
  tell(8);
  t.deepEqual(asked, []);
  store.dispatch({ type: 'view', view: 'log' });
  await until(hasLines(8));
  t.deepEqual(asked, [{ after: 0 }]);
});

test('log control › it asks when there are more lines, for those, and else for nothing', async (t) => {
  const { store, asked, attach, tell, until } = start('log');
  attach(1);
  await until(hasLines(6));
  store.dispatch({ type: 'tick', now: 1 });
  tell(6);
  t.is(asked.length, 1);
  tell(9);
  await until(hasLines(9));
  t.deepEqual(asked, [{ after: 0 }, { after: 6 }]);
});

test('log control › one question at a time: what is told meanwhile is in the next one', async (t) => {
  const { asked, attach, tell, until } = start('log');
  attach(1);
  for (const lines of [7, 8, 9]) tell(lines);
  t.is(asked.length, 1);
  await until(hasLines(9));
  t.deepEqual(asked, [{ after: 0 }, { after: 6 }]);
});

test('log control › another process is asked from its first line on', async (t) => {
  const { asked, attach, daemon, until } = start('log');
  attach(1);
  await until(hasLines(6));
  daemon.logged = 7;
  attach(2);
  await until(hasLines(6 + 1 + 7));
  t.deepEqual(asked, [{ after: 0 }, { after: 0 }]);
});

test('log control › the same process goes on where it was after a lost connection', async (t) => {
  const { asked, attach, attached, daemon, until } = start('log');
  attach(1);
  await until(hasLines(6));
  attached.client = null;
  daemon.logged = 7;
  attach(1);
  await until(hasLines(7));
  t.deepEqual(asked, [{ after: 0 }, { after: 6 }]);
});

test('log control › a question that failed is said, and asked again', async (t) => {
  const { asked, attach, daemon, until } = start('log');
  daemon.failure = new Error('no such method');
  attach(1);
  await until(({ notice }) => notice?.text === 'no such method');
  daemon.failure = null;
  await until(hasLines(6));
  t.is(asked.length, 2);
});

test('log control › while the screen stands still, what is logged waits', async (t) => {
  const { store, asked, attach, tell, until } = start('log');
  attach(1);
  await until(hasLines(6));
  store.dispatch({ type: 'pause' });
  tell(9);
  t.deepEqual(asked, [{ after: 0 }]);
  store.dispatch({ type: 'pause' });
  await until(hasLines(9));
  t.deepEqual(asked, [{ after: 0 }, { after: 6 }]);
});

test('log control › who goes to the log of a screen that stands still sees it as it was', async (t) => {
  const { store, attach, tell, until } = start('overview', 8);
  attach(1);
  store.dispatch({ type: 'pause' });
  tell(12);
  store.dispatch({ type: 'view', view: 'log' });
  await until(hasLines(8));
  t.is(store.get().log.last, 8);
  store.dispatch({ type: 'pause' });
  await until(hasLines(12));
});

test('log control › an answer that comes after the screen stood still changes nothing', async (t) => {
  const { store, daemon, attach, until } = start('log');
  attach(1);
  daemon.logged = 10;
  store.dispatch({ type: 'pause' });
  await until(hasLines(6));
  t.is(store.get().log.last, 6);
});

test('log control › the lines of a process that is gone are not those of the one that is there', async (t) => {
  const { store, asked, attach, until } = start('log');
  attach(1);
  await until(hasLines(6));
  store.dispatch({ type: 'pause' });
  attach(2);
  t.is(asked.length, 1);
  store.dispatch({ type: 'pause' });
  await until(hasLines(6 + 1 + 6));
});

test('log control › nothing is asked once it is closed', (t) => {
  const { asked, attach, control } = start('log');
  control.close();
  attach(1);
  t.deepEqual(asked, []);
});
