import test from 'ava';
import { signalAlarms } from '../../../tui/app/alarm-signals.ts';
import { firstState, reduceConsole } from '../../../tui/console/console-state.ts';
import { createStore } from '../../../tui/state/common-state.ts';
import { fixedDelta, fixedPeers, fixedSnapshot, fixedStatus } from '../fixture-data.ts';

const named = (title: string) => `\u001b]2;${title}\u0007`;

function start(wanted: { bell: boolean; title: boolean }) {
  const size = { columns: 80, rows: 24 };
  const store = createStore(
    firstState({ size, view: 'hosts', readOnly: false, now: 0 }),
    reduceConsole,
  );
  const written: string[] = [];
  const terminal = { isLent: false, timesLent: 0 };
  const stop = signalAlarms({
    ...{ store, write: (text) => written.push(text), isLent: () => terminal.isLent },
    timesLent: () => terminal.timesLent,
    ...wanted,
  });
  const take = () => written.splice(0);
  const [well] = fixedPeers();
  if (well === undefined) throw new Error('no peer');
  const peers = (state: 'alive' | 'suspect' | 'down') =>
    store.dispatch({
      type: 'delta',
      now: 1,
      delta: fixedDelta({ status: { peers: [{ ...well, state }] } }),
    });
  return { store, terminal, stop, take, peers };
}

test('alarm signals › the bell rings once for each alarm that begins, not for those found at the start', (t) => {
  const { store, stop, take, peers } = start({ bell: true, title: false });
  const nobodyAnswers = true;
  const expiry = { ...fixedStatus().expiry, nobodyAnswers };
  store.dispatch({ type: 'snapshot', now: 0, snapshot: fixedSnapshot({ expiry }) });
  t.deepEqual(take(), []);
  peers('suspect');
  t.deepEqual(take(), ['\u0007']);
  peers('down');
  t.deepEqual(take(), [], 'it is the same alarm');
  peers('alive');
  peers('suspect');
  t.deepEqual(take(), ['\u0007']);
  store.dispatch({
    type: 'connection',
    change: { type: 'lost', now: 2, reason: 'x', nextAt: 3 },
  });
  t.deepEqual(take(), ['\u0007']);
  stop();
  t.deepEqual(take(), []);
});

test('alarm signals › the title names the most urgent alarm, once', (t) => {
  const { store, stop, take, peers } = start({ bell: false, title: true });
  store.dispatch({ type: 'snapshot', now: 0, snapshot: fixedSnapshot() });
  t.deepEqual(take(), [named('ddns-tui alpha')]);
  peers('down');
  t.deepEqual(take(), [named('! 192.0.2.2:4524 down · ddns-tui alpha')]);
  peers('down');
  t.deepEqual(take(), []);
  stop();
  peers('alive');
  t.deepEqual(take(), []);
});

test('alarm signals › wait while somebody else has the terminal', (t) => {
  const { store, terminal, take, peers } = start({ bell: true, title: true });
  store.dispatch({ type: 'snapshot', now: 0, snapshot: fixedSnapshot() });
  take();
  terminal.isLent = true;
  terminal.timesLent++;
  peers('down');
  t.deepEqual(take(), []);
  terminal.isLent = false;
  store.dispatch({ type: 'tick', now: 1_000 });
  t.deepEqual(take(), ['\u0007', named('! 192.0.2.2:4524 down · ddns-tui alpha')]);
});

test('alarm signals › the title is written again after somebody else had the terminal, though nothing has changed', (t) => {
  const { store, terminal, take } = start({ bell: false, title: true });
  store.dispatch({ type: 'snapshot', now: 0, snapshot: fixedSnapshot() });
  take();
  terminal.timesLent++;
  store.dispatch({ type: 'tick', now: 1_000 });
  t.deepEqual(take(), [named('ddns-tui alpha')]);
});
