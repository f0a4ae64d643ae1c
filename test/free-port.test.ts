// Test files that run at the same time must not be given each other's ports.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import test from 'ava';

const script = `
  import { freePort } from './test/fixture/free-port.ts';
  console.log((await Promise.all(Array.from({ length: 110 }, freePort))).join(' '));
  process.stdin.once('data', () => process.exit()).resume();
`;

test('free ports › no two processes that run at once are given the same, nor two callers in one', async (t) => {
  const processes = Array.from({ length: 4 }, () => {
    const running = promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
    return {
      running,
      printed: new Promise((resolve) => running.child.stdout?.once('data', resolve)),
    };
  });
  await Promise.all(processes.map(({ printed, running }) => Promise.race([printed, running])));
  for (const { running } of processes) running.child.stdin?.end('\n');
  const given = await Promise.all(processes.map(async ({ running }) => (await running).stdout));
  const ports = given.flatMap((text) => text.trim().split(' '));
  t.is(ports.length, 440);
  t.is(new Set(ports).size, 440);
});
