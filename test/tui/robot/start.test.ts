// What the console loads until its first screen is there: the start is as long as that.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { makeFolder } from '../../fixture/temp-folder.ts';
import { createRobotDaemon } from '../../robot/daemon.ts';
import { withConsole } from '../../robot/terminal.ts';

/** Each takes time to find. The starter runs the other one, which is the whole console, as a script. */
const mostFiles = 1;

/** At its end the console writes down which modules of Node and files it has loaded, and how many segmenters it has made. */
const witness = `
  import { writeFileSync } from 'node:fs';
  import { registerHooks } from 'node:module';
  const files = [];
  registerHooks({
    load(url, context, nextLoad) {
      if (url.startsWith('file:')) files.push(url);
      return nextLoad(url, context);
    },
  });
  let made = 0;
  Intl.Segmenter = new Proxy(Intl.Segmenter, {
    construct(target, parameters) {
      made += 1;
      return new target(...parameters);
    },
  });
  process.on('exit', () =>
    writeFileSync(process.env.WITNESS, JSON.stringify({ made, files, loaded: process.moduleLoadList })));
`;

test.serial('start › loads nothing that its first screen does not use', async (t) => {
  const daemon = await createRobotDaemon();
  try {
    await daemon.start();
    const written = join(makeFolder(t), 'witness.json');
    const env = {
      WITNESS: written,
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(witness)}`,
    };
    const options = { columns: 80, rows: 24, env, parameters: ['hosts'] };
    await withConsole(daemon, options, async (robot) => {
      await robot.sees('no hosts registered yet');
      robot.type('q');
      t.is(await robot.exitCode(), 0);
    });
    const { made, files, loaded } = JSON.parse(readFileSync(written, 'utf8'));
    t.is(made, 0);
    t.true(files.length > 0 && files.length <= mostFiles, files.join('\n'));
    // blessed, for charts, would load the second one.
    for (const name of [
      'crypto',
      'child_process',
      'fs/promises',
      'readline/promises',
      'worker_threads',
    ])
      t.false(loaded.includes(`NativeModule ${name}`), name);
  } finally {
    await daemon.close();
  }
});
