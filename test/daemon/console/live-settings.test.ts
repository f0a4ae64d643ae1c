import test from 'ava';
import { LiveSettings } from '../../../daemon/console/live-settings.ts';
import { parseConf } from '../../../shared/config/conf-file.ts';
import type { Configuration } from '../../../shared/config/load.ts';
import { testSettings } from '../../fixture/name-server.ts';

function configuration(backlog: number): Configuration {
  const settings = testSettings('/nowhere', { backlog });
  return {
    settings,
    confFile: '',
    startupFile: null,
    document: parseConf('Port=4524\n'),
    warnings: [],
  };
}

test('live settings › of two concurrent reloads the later one wins, even if the earlier one finishes last', async (t) => {
  const applied: number[] = [];
  const reads: ((read: Configuration) => void)[] = [];
  const live = new LiveSettings({
    ...{ settings: configuration(100).settings, confFile: '', bindAddress: '127.0.0.1' },
    reload: () => new Promise((resolve) => reads.push(resolve)),
    log: { info: () => {}, warn: () => {} } as never,
    apply: ({ backlog }) => applied.push(backlog),
  });
  const both = Promise.all([live.reload(), live.reload()]);
  // The later reload reads faster.
  await Promise.resolve();
  await Promise.resolve();
  reads[1]?.(configuration(300));
  reads[0]?.(configuration(200));
  await new Promise((resolve) => setImmediate(resolve));
  reads[1]?.(configuration(300));
  await both;
  t.deepEqual([live.inForce.backlog, applied.at(-1)], [300, 300]);
});

test('live settings › a failed reload does not prevent the next one', async (t) => {
  let reads = 0;
  const live = new LiveSettings({
    ...{ settings: configuration(100).settings, confFile: '', bindAddress: '127.0.0.1' },
    reload: () => {
      if (++reads === 1) throw new Error('gone');
      return configuration(200);
    },
    log: { info: () => {}, warn: () => {} } as never,
    apply: () => {},
  });
  await t.throwsAsync(live.reload(), { message: 'gone' });
  await live.reload();
  t.is(live.inForce.backlog, 200);
});
