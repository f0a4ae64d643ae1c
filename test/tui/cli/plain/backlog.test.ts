import test from 'ava';
import type { IpcClient } from '../../../../shared/ipc/client.ts';
import {
  backlogJson,
  backlogPlain,
  closeConnection,
  closeQuestion,
} from '../../../../tui/cli/plain/backlog.ts';
import { perform } from '../../../../tui/daemon/actions.ts';
import { fixedBacklog, fixedEntries, fixedNow, fixedStatus } from '../../fixture-data.ts';

const status = fixedStatus({ connections: { open: 55, limit: 10_000 } });
const printed = { backlog: fixedBacklog(), status, filter: '', limit: null };

test('plain backlog › JSON is one object with the members that scripts rely on, in their order', (t) => {
  const missing = [{ number: 2, pid: 4_713, backlog: 5, open: 40 }];
  const backlog = fixedBacklog({ entries: fixedEntries(2), total: 7, missing });
  const iso = (at: number) => new Date(at).toISOString();
  t.is(
    backlogJson({ ...printed, backlog, limit: 1 }),
    `{"at":"${iso(fixedNow)}","current":7,"limit":100,"peak":57,"connections":{"open":55,"limit":10000,"silent":3,"idle":40},"entries":[{"id":"1-17","source":"198.51.100.1:40000","dialect":"native","encrypted":false,"stage":"reading","since":"${iso(fixedNow - 9_600)}","waitedMs":9600,"requests":0,"bytesIn":12,"bytesOut":0}],"missing":[{"process":2,"pid":4713,"backlog":5,"open":40}]}\n`,
  );
});

test('plain backlog › text has the summary, what is missing, and the longest wait first', (t) => {
  const missing = [{ number: 2, pid: 4_713, backlog: 5, open: 40 }];
  const backlog = fixedBacklog({ entries: fixedEntries(3), total: 8, missing });
  t.is(
    backlogPlain({ ...printed, backlog }),
    [
      '8 of 100 in the backlog, peak 57 since start',
      '55 of 10,000 connections: 3 silent, 40 idle',
      'process 2 (pid 4713) does not answer; its 5 connections not shown',
      '',
      'WAITING  SOURCE              STAGE            DIALECT  TLS    REQUESTS  IN      OUT    ID',
      '9 s      198.51.100.1:40000  sending request  native   plain  0         12 B    0 B    1-17',
      '2 s      198.51.100.2:40001  reading reply    native   plain  1,204     712 B   19 MB  2-48',
      '1 s      198.51.100.3:40002  sending request  legacy   plain  2         1.4 KB  0 B    1-79',
      '',
    ].join('\n'),
  );
});

test('plain backlog › a filter and a limit hold for both', (t) => {
  const filtered = { ...printed, filter: 'legacy', limit: 2 };
  const entries = JSON.parse(backlogJson(filtered)).entries as { dialect: string }[];
  t.deepEqual(
    entries.map(({ dialect }) => dialect),
    ['legacy', 'legacy'],
  );
  t.is(backlogPlain(filtered).split('\n').length, 7);
  t.true(
    backlogPlain({ ...printed, filter: 'no\u001bbody' }).endsWith(
      'no connection matches no\\x1bbody\n',
    ),
  );
});

test('plain backlog › an empty one is two lines', (t) => {
  const backlog = fixedBacklog({ entries: [], total: 0 });
  t.is(
    backlogPlain({ ...printed, backlog }),
    '0 of 100 in the backlog, peak 57 since start\n55 of 10,000 connections: 3 silent, 40 idle\n',
  );
});

const [entry] = fixedEntries(1);

function closing(error?: Error) {
  const asked: string[] = [];
  const client = {
    closeConnection: async (id: string) => {
      asked.push(id);
      if (error) throw error;
      return { ...entry, waitedMs: 3_500, source: '127.0.0.1:5\u001b' };
    },
  };
  return { asked, client: client as unknown as IpcClient };
}

test('backlog close › says what was closed, and asks for what it is about to do', async (t) => {
  const { asked, client } = closing();
  t.is(
    await closeConnection(client, { id: '1-17' }),
    'closed 127.0.0.1:5\\x1b after 3 s in the backlog without a reply; the node may reconnect\n',
  );
  const parsed = JSON.parse(await closeConnection(client, { id: '1-17', json: true }));
  t.deepEqual([parsed.id, parsed.stage], ['1-17', 'reading']);
  t.is(parsed.waitedMs, 3_500);
  t.deepEqual(asked, ['1-17', '1-17']);
  t.is(closeQuestion('1-1\u001b'), 'Close connection 1-1\\x1b without a reply?');
});

test('actions › a connection that is closed, or is not there any more, is one line', async (t) => {
  const asked = { action: 'close', id: '1-17', source: '127.0.0.1:5' } as const;
  t.is((await perform(closing().client, asked)).tone, 'good');
  t.deepEqual(
    await perform(closing(new Error('no connection 1-17 is in the backlog')).client, asked),
    {
      tone: 'bad',
      text: 'closing 127.0.0.1:5 failed: no connection 1-17 is in the backlog',
    },
  );
});
