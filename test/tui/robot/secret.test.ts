// Two name servers that give up their secret while they run, and what the console says of each step (OPERATING.md).
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { connectIpc } from '../../../shared/ipc/client.ts';
import { createRobotPair, type RobotDaemon } from '../../robot/daemon.ts';
import { start } from '../../robot/printing.ts';
import { withConsole } from '../../robot/terminal.ts';

const secret = 'the secret of these two name servers';

/** The lines of the secret file, or none at all, and what is said of them. */
const steps = [
  { lines: [secret], value: 'set', warning: null },
  {
    lines: [secret, 'none'],
    value: 'set, used but not demanded',
    warning: 'sync is also accepted without the Secret',
  },
  {
    lines: ['none', secret],
    value: 'set, accepted but not used',
    warning: 'sync is unencrypted: Secret is accepted but not used',
  },
  { lines: null, value: 'none', warning: 'sync is unencrypted: set Secret in ddns.conf' },
] as const;

function write({ folder }: RobotDaemon, lines: readonly string[] | null): void {
  if (lines !== null) {
    const file = join(folder, 'secret.txt');
    writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
    return;
  }
  const conf = join(folder, 'ddns.conf');
  writeFileSync(conf, readFileSync(conf, 'utf8').replace('SecretFile=secret.txt\n', ''));
}

async function printed(daemon: RobotDaemon, command: string): Promise<string> {
  return (await start(command, '--plain', '--socket', daemon.socket).ended).out;
}

test('console › what is said of a Secret is true at each step of giving it up', async (t) => {
  const pair = await createRobotPair(['SecretFile=secret.txt']);
  const [daemon] = pair;
  try {
    for (const each of pair) write(each, steps[0].lines);
    await Promise.all(pair.map((each) => each.start()));
    const options = { columns: 120, rows: 60, parameters: ['peers'] };
    await withConsole(daemon, options, async (robot) => {
      for (const { lines, value, warning } of steps) {
        for (const each of pair) {
          write(each, lines);
          const client = await connectIpc(each.socket, { name: 'robot', version: '0' });
          await client.reload();
          client.close();
        }
        robot.type('3');
        await robot.until(`1 alive, ${warning}`, (screen) => {
          const said = screen.find((line) => line.startsWith(' sync is ')) ?? null;
          return screen.join('\n').includes('1 peer, 1 alive') && said?.trim() === warning?.trim();
        });
        robot.type('6');
        await robot.until(`Secret ${value}`, (screen) =>
          screen.some((line) => /Secret {2}.*/.exec(line)?.[0].includes(`  ${value}  `)),
        );
        const [config, status] = [await printed(daemon, 'config'), await printed(daemon, 'status')];
        const row = config.split('\n').find((line) => /^\W*Secret /i.test(line)) ?? '';
        t.true(row.includes(`  ${value}  `), config);
        const peers = status.split('\n').find((line) => line.startsWith('peers ')) ?? '';
        t.is(/; (sync .*)$/.exec(peers)?.[1] ?? null, warning, status);
      }
    });
  } finally {
    await Promise.all(pair.map((each) => each.close()));
  }
});
