// What is reported of peers, and how often: the same event once a minute, and no peer fills the history.
import { Writable } from 'node:stream';
import test from 'ava';
import { History } from '../../../daemon/core/stats/history.ts';
import { createLog } from '../../../daemon/log.ts';
import { PeerReporter } from '../../../daemon/replication/peer-reporter.ts';

function scene() {
  const clock = { now: 0 };
  const history = new History();
  const destination = new Writable({ write: (_line, _encoding, done) => done() });
  const log = createLog('info', { output: { destination, pretty: false, colour: false } });
  const reporter = new PeerReporter({ log, history, monotonic: () => clock.now });
  let known = 0;
  const reported = () => {
    const events = history.activity.after(known);
    known = history.activity.total;
    return events.map(({ address, text }) => `${address} ${text}`);
  };
  return { clock, reporter, reported };
}

test('peer reporter › the same event of one address is reported once a minute', (t) => {
  const { clock, reporter, reported } = scene();
  const refuse = (address: string) =>
    reporter.report({ kind: 'refused', address, text: 'is refused' });
  for (const at of [0, 1, 59_999]) {
    clock.now = at;
    refuse('10.0.0.1');
    refuse('10.0.0.2');
  }
  t.deepEqual(reported(), ['10.0.0.1 is refused', '10.0.0.2 is refused']);
  clock.now = 60_000;
  refuse('10.0.0.1');
  t.deepEqual(reported(), ['10.0.0.1 is refused']);
});

test('peer reporter › records from the future are reported once a minute, however many and far', (t) => {
  const { reporter, reported } = scene();
  for (const text of ['1 record', '2 records'])
    reporter.report({ kind: 'ahead', address: '10.0.0.1', text });
  t.deepEqual(reported(), ['10.0.0.1 1 record']);
});

test('peer reporter › different events of one address, and its connects and disconnects, are limited too', (t) => {
  const { reporter, reported } = scene();
  for (let at = 0; at < 100; at++) {
    reporter.report({ kind: 'refused', address: '10.0.0.1', text: `garbage ${at}` });
    reporter.report({ kind: at % 2 ? 'lost' : 'up', address: '10.0.0.1', text: `is ${at}` });
  }
  const all = reported();
  t.is(all.filter((each) => each.includes('garbage')).length, 4);
  t.is(all.filter((each) => each.includes(' is ')).length, 10);
});

test('peer reporter › text that a peer sent is escaped', (t) => {
  const { reporter, reported } = scene();
  reporter.report({ kind: 'refused', address: '10.0.0.1', text: 'sent \x1b[2J' });
  t.deepEqual(reported(), ['10.0.0.1 sent \\x1b[2J']);
});
