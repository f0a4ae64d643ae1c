import test from 'ava';
import { createCounters } from '../../../../daemon/core/stats/counters.ts';
import { counterNames } from '../../../../shared/ipc/contract.ts';

test('counters › every counter of the contract starts at zero', (t) => {
  t.deepEqual(Object.keys(createCounters()), [...counterNames]);
  t.deepEqual(new Set(Object.values(createCounters())), new Set([0]));
});
