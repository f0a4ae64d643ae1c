// What is told of peers, and how often: a peer that does the same again and again is told of once a
// minute, and none can fill the history.
import { Writable } from 'node:stream';
import test from 'ava';
import { History } from '../../../daemon/core/stats/history.ts';
import { createLog } from '../../../daemon/log.ts';
import { PeerNews } from '../../../daemon/replication/peer-news.ts';

function scene() {
  const clock = { now: 0 };
  const history = new History();
  const destination = new Writable({ write: (_line, _encoding, done) => done() });
  const log = createLog('info', { output: { destination, pretty: false, colour: false } });
  const news = new PeerNews({ log, history, monotonic: () => clock.now });
  let known = 0;
  const told = () => {
    const news = history.activity.after(known);
    known = history.activity.total;
    return news.map(({ address, text }) => `${address} ${text}`);
  };
  return { clock, news, told };
}

test('peer news › the same of one address is told once a minute', (t) => {
  const { clock, news, told } = scene();
  const refuse = (address: string) => news.tell({ kind: 'refused', address, text: 'is refused' });
  for (const at of [0, 1, 59_999]) {
    clock.now = at;
    refuse('10.0.0.1');
    refuse('10.0.0.2');
  }
  t.deepEqual(told(), ['10.0.0.1 is refused', '10.0.0.2 is refused']);
  clock.now = 60_000;
  refuse('10.0.0.1');
  t.deepEqual(told(), ['10.0.0.1 is refused']);
});

test('peer news › records from the future are told once a minute, however many and far', (t) => {
  const { news, told } = scene();
  for (const text of ['1 record', '2 records'])
    news.tell({ kind: 'ahead', address: '10.0.0.1', text });
  t.deepEqual(told(), ['10.0.0.1 1 record']);
});

test('peer news › different things of one address, and its coming and going, are bounded too', (t) => {
  const { news, told } = scene();
  for (let at = 0; at < 100; at++) {
    news.tell({ kind: 'refused', address: '10.0.0.1', text: `garbage ${at}` });
    news.tell({ kind: at % 2 ? 'lost' : 'up', address: '10.0.0.1', text: `is ${at}` });
  }
  const all = told();
  t.is(all.filter((each) => each.includes('garbage')).length, 4);
  t.is(all.filter((each) => each.includes(' is ')).length, 10);
});

test('peer news › what a peer says is escaped', (t) => {
  const { news, told } = scene();
  news.tell({ kind: 'refused', address: '10.0.0.1', text: 'sent \x1b[2J' });
  t.deepEqual(told(), ['10.0.0.1 sent \\x1b[2J']);
});
