import test from 'ava';
import { readinessOf } from '../../../../daemon/core/stats/readiness.ts';

const ready = { isServing: true, isDraining: false, isCatchingUp: false, storageTrouble: null };

test('readiness › each condition has its own reason', (t) => {
  t.deepEqual(readinessOf(ready), { serving: null, caught_up: null, storage: null });
  t.deepEqual(readinessOf({ ...ready, isServing: false, storageTrouble: 'the disk is full' }), {
    serving: 'the name server is starting or stopping',
    caught_up: null,
    storage: 'registrations cannot be stored: the disk is full',
  });
  t.regex(readinessOf({ ...ready, isDraining: true }).serving ?? '', /drained/);
  t.regex(readinessOf({ ...ready, isCatchingUp: true }).caught_up ?? '', /missing here/);
});
