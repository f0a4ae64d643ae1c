// A name server whose link goes down and comes back: a switch that restarts, a cable that is pulled out.
import { join } from 'node:path';
import { Cables, cablesTest as test } from '../../fixture/cables.ts';
import { start } from '../../robot/printing.ts';
import { Daemons } from '../daemons.ts';

test('link down › the address that cannot be reached is an alarm, and the server goes on when the link is back', async (t) => {
  const cables = new Cables(t, 1);
  const [, ip = ''] = cables.ips;
  const daemons = await Daemons.prepare(t, [ip]);
  daemons.on = () => cables.on(1);
  await daemons.start(0);
  await daemons.statusUntil(0, ({ listen }) => listen.isLost === false);

  cables.turnPort(1, 'down');
  const { config } = await daemons.statusUntil(0, ({ listen }) => listen.isLost === true);
  t.deepEqual(config.restartNeeded, [], 'a restart would not help');
  const { out } = await start('status', '--socket', join(daemons.folders[0] as string, 's.sock'))
    .ended;
  t.regex(out, new RegExp(`${ip} lost: no link that is up has this address`));

  cables.turnPort(1, 'up');
  await daemons.statusUntil(0, ({ listen }) => listen.isLost === false);
  cables.register(1, daemons.port, 1, 10);
  await daemons.statusUntil(0, ({ hosts }) => hosts.live === 10);
});
