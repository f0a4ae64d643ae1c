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
const robot = await openTerminal(size);
try {
  await robot.run([process.execPath, join(projectRoot, 'dist', 'ddns-demo.js'), '--seed', seed]);
  await robot.sees('● live', 'Live hosts');
  await wait(fillMs);
  draw('overview');
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
  robot.type('q');
  await robot.isAtShell().catch(() => {});
  robot.close();
}

function open(at: Robot, view: ViewName, ...texts: string[]): Promise<unknown> {
  at.type(String(viewNames.indexOf(view) + 1));
  return at.sees(...texts);
}

function draw(view: ViewName): void {
  const title = views.find(({ name }) => name === view)?.title ?? view;
  writeFileSync(join(folder, `${view}.svg`), screenSvg(robot.emulator, `ddns-tui, ${title}`));
}
