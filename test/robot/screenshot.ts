// Draws the pictures of the README: the real console in a real terminal, attached to a real name
// server with some hundred nodes that come, stay and go, written as SVG.
// Run with `npm run screenshot`; it takes a good minute, most of it for the charts to fill.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createRobotDaemon, type RobotDaemon } from './daemon.ts';
import { consoleCommand } from './programs.ts';
import { screenSvg } from './screen-svg.ts';
import { openTerminal, projectRoot } from './terminal.ts';

const size = { columns: 132, rows: 38 };
/** The charts show a minute until there is more: taken just before that, they are full. */
const fillMs = Number(process.env.FILL_SECONDS ?? 57) * 1000;
const hosts = 420;

const folder = join(projectRoot, 'tui', 'screenshots');
const daemon = await createRobotDaemon();
const robot = await openTerminal(size);
try {
  await daemon.start();
  const storm = registerWaves(daemon);
  await robot.run(consoleCommand('--socket', daemon.socket));
  await robot.sees('● live', 'Live hosts');
  await storm;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'overview.svg'), screenSvg(robot.emulator, 'ddns-tui, Overview'));
  robot.type('2');
  await robot.sees('address ▲');
  robot.type('/10\r');
  await robot.sees('that match 10', '1 of ');
  robot.type('jjjj\r');
  await robot.sees('Selected host', '5 of ');
  writeFileSync(join(folder, 'hosts.svg'), screenSvg(robot.emulator, 'ddns-tui, Hosts'));
  process.stdout.write(`written to ${folder}\n`);
} finally {
  robot.close();
  await daemon.close();
}

/** Nodes join in waves, some leave, some clients send what is no request, a few are slow. */
async function registerWaves(server: RobotDaemon): Promise<void> {
  const endsAt = performance.now() + fillMs;
  let joined = 0;
  for (let step = 0; performance.now() < endsAt; step += 1) {
    const wave = Math.round(
      (hosts / (fillMs / 250)) * (1 + 0.6 * Math.sin(step / 26) + 0.4 * Math.sin(step / 7.3)),
    );
    const arriving = Array.from({ length: Math.min(wave, hosts - joined) }, () => {
      joined += 1;
      return server.register({ ...nodeNumber(joined), id: nodeId(joined) });
    });
    const others = [
      ...(step % 3 === 0 && joined > 5
        ? [server.register({ ...nodeNumber(joined - 3), id: nodeId(joined - 3) })]
        : []),
      ...(step % 47 === 46 ? [server.send('GET / HTTP/1.1\r\n\r\n')] : []),
      ...(step % 90 === 60 ? [server.send(`1/${nodeId(900 + step)}/${30_000 + step}/`)] : []),
    ];
    await Promise.all([...arriving, ...others, wait(250)]);
  }
}

function nodeNumber(index: number): { from: string; port: number } {
  return {
    from: `127.10.${Math.floor(index / 50)}.${((index * 37) % 250) + 1}`,
    port: 40_000 + index,
  };
}

/** Ids as nodes make them: 32 hexadecimal digits in groups. */
function nodeId(index: number): string {
  const hex = (index * 2_654_435_761).toString(16).padStart(12, '0').slice(-12);
  return `${hex.slice(0, 8)}-${hex.slice(8)}-4${hex.slice(1, 4)}-a${hex.slice(4, 7)}-${hex}`;
}
