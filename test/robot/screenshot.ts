// Draws the pictures of the documents: the demo network as `npm run demo` shows it, in a real terminal,
// written as SVG.
// Run with `npm run screenshot`; it takes a good minute, most of it for the charts to fill.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { settingNamed } from '../../shared/config/settings.ts';
import { type ViewName, viewNames, views } from '../../tui/state/common-state.ts';
import { screenSvg } from './screen-svg.ts';
import { openTerminal, projectRoot, type Robot } from './terminal.ts';

const size = { columns: 132, rows: 38 };
/** Charts show one minute at first: just before that ends they are full. */
const fillMs = Number(process.env.FILL_SECONDS ?? 57) * 1000;
/** Of the demo network; another number makes other pictures. */
const seed = '7';

const folder = join(projectRoot, 'tui', 'screenshots');
mkdirSync(folder, { recursive: true });
const demo = [process.execPath, join(projectRoot, 'dist', 'ddns-demo.js'), '--seed', seed];
const robot = await openTerminal(size);
const light = await openTerminal({ ...size, env: { COLORFGBG: '0;15' } });
try {
  for (const each of [robot, light]) {
    await each.run(demo);
    await each.sees('● live', 'Live hosts');
  }
  await wait(fillMs);
  draw('overview');
  const name = 'overview-light.svg';
  writeFileSync(join(folder, name), screenSvg(light.emulator, 'ddns-tui, Overview', 'light'));
  await open(robot, 'hosts', 'address ▲', '1 of ');
  robot.type('jjjj\r');
  await robot.sees('Selected host', '5 of ');
  draw('hosts');
  await open(robot, 'peers', 'Selected peer');
  await robot.until('both peers alive', (screen) => screen.join('\n').includes('2 peers, 2 alive'));
  draw('peers');
  await open(robot, 'config', 'SecretFile');
  robot.type('j'.repeat(5));
  // The details of the selected setting begin with what it means.
  await robot.sees(settingNamed('Backlog')?.meaning.slice(0, 40) ?? '');
  draw('config');
  process.stdout.write(`written to ${folder}\n`);
} finally {
  for (const each of [robot, light]) {
    each.type('q');
    await each.isAtShell().catch(() => {});
    each.close();
  }
}

function open(at: Robot, view: ViewName, ...texts: string[]): Promise<unknown> {
  at.type(String(viewNames.indexOf(view) + 1));
  return at.sees(...texts);
}

function draw(view: ViewName): void {
  const title = views.find(({ name }) => name === view)?.title ?? view;
  writeFileSync(join(folder, `${view}.svg`), screenSvg(robot.emulator, `ddns-tui, ${title}`));
}
