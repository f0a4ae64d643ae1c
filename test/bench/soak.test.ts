// The soak of `npm run bench -- soak --minutes 120`, in some seconds.
import test from 'ava';
import { ownBuild } from './ddnsd-server.ts';
import { soakFor } from './parts/soak.ts';

test('soak › what was answered under load is there, though workers are killed and backups are made', async (t) => {
  t.timeout(180_000);
  const found = await soakFor({
    build: ownBuild,
    hosts: 1_000,
    seconds: 5,
    capacitySeconds: 1,
    sampleMs: 250,
    killAfterMs: [1_000, 2_000],
    backupEveryMs: 1_500,
  });
  const { load, kills, backups, badBackups, missing, missingAfterKill } = found;
  t.log(`${load.answered} answered, ${kills} workers killed, ${backups} backups`);
  t.true(load.answered > 0 && kills > 0 && backups > 0);
  t.deepEqual(
    { badBackups, missing, missingAfterKill },
    {
      badBackups: [],
      missing: 0,
      missingAfterKill: 0,
    },
  );
});
