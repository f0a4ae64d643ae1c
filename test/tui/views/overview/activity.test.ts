import '../../../fixture/production.ts';
import test from 'ava';
import { createElement } from 'react';
import type { Activity } from '../../../../shared/ipc/status-contract.ts';
import { utc } from '../../../../tui/text/format.ts';
import { ActivityList } from '../../../../tui/views/overview/activity.tsx';
import { linesOf } from '../../drawn-lines.ts';
import { fixedNow } from '../../fixture-data.ts';

/** What the list says of an event in a pane of that many columns, behind time and mark. */
function saidOf(event: Pick<Activity, 'kind' | 'address' | 'text'>, columns: number): string {
  const activity = [{ seq: 1, at: fixedNow, ...event }];
  const props = { activity, selected: null, until: null, zone: utc, width: columns, rows: 5 };
  const [, line = ''] = linesOf(createElement(ActivityList, props), columns);
  return line.slice(11).trimEnd();
}

/** Of the Overview at 24x80. */
const narrow = 38;

test('activity › what is said of an event is there in whole or not at all', (t) => {
  const cases: [Pick<Activity, 'kind' | 'address' | 'text'>, string][] = [
    [
      { kind: 'registered', address: '127.0.1.6:20005', text: 'node-with-a-name' },
      'joined 127.0.1.6:20005',
    ],
    [{ kind: 'expired', address: '127.0.1.6:20005', text: 'x' }, 'expired 127.0.1.6:20005 (x)'],
    [
      { kind: 'refused', address: '203.0.113.9:51515', text: 'bad-verb "GET / HTTP/1.1"' },
      'refused 203.0.113.9:51515',
    ],
    [
      { kind: 'peer', address: '192.0.2.2:4524', text: 'connected (id 7f3e9a15)' },
      '192.0.2.2:4524 connected',
    ],
    [
      { kind: 'drained', address: null, text: 'drain to 192.0.2.2:4524 started by an operator' },
      'drain to 192.0.2.2:4524 …',
    ],
    [
      { kind: 'left', address: '[2001:db8:1111:2222:3333:4444:5555:6666]:45240', text: 'n' },
      'left [20…4:5555:6666]:45240',
    ],
  ];
  for (const [event, said] of cases) t.is(saidOf(event, narrow), said);
  for (const [event] of cases) t.true(saidOf(event, 100).includes(event.text), event.text);
});
