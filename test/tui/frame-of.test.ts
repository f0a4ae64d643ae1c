import { setImmediate as nextTurn } from 'node:timers/promises';
import test from 'ava';
import { frameOf } from './frame-of.tsx';

test('frame of › many are drawn together without a warning, and leave no listener', async (t) => {
  const warnings: string[] = [];
  process.on('warning', (warning) => warnings.push(warning.message));
  const before = process.listenerCount('beforeExit');
  const size = { columns: 60, rows: 20 };
  await Promise.all(Array.from({ length: 12 }, () => frameOf({ view: 'log' }, size)));
  // Warnings are emitted in a turn of their own.
  await nextTurn();
  t.deepEqual(warnings, []);
  t.is(process.listenerCount('beforeExit'), before);
});
