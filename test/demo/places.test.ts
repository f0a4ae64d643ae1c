// Where the demo network is: its ports and its folder.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { makeDemoFolder, removeDemoFolder } from './folder.ts';
import { findPort } from './ports.ts';

const ips = ['127.0.0.2', '127.0.0.3', '127.0.0.4'];

test('demo ports › the preferred one is taken when it is free on all addresses, another one else', async (t) => {
  const free = await findPort(ips, 0);
  t.is(await findPort(ips, free), free);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(free, ips[2], resolve));
  t.teardown(() => server.close());
  const other = await findPort(ips, free);
  t.not(other, free);
  t.true(other > 0);
});

test('demo ports › an address that is not here is named, with what to do', async (t) => {
  const error = await t.throwsAsync(findPort(['127.0.0.2', '192.0.2.77'], 0));
  t.regex(error?.message ?? '', /does not have the address 192\.0\.2\.77, .* ifconfig lo0 alias/);
});

test('demo folder › what a killed demo left goes when the next one starts, a running one’s stays', async (t) => {
  const gone = spawnSync(process.execPath, ['--version']).pid;
  const leftOver = mkdtempSync(join(tmpdir(), `ddns-demo-${gone}-`));
  const running = mkdtempSync(join(tmpdir(), `ddns-demo-${process.ppid}-`));
  const folder = await makeDemoFolder();
  t.teardown(() => Promise.all([leftOver, running, folder].map(removeDemoFolder)));
  t.deepEqual([leftOver, running, folder].map(existsSync), [false, true, true]);
  await removeDemoFolder(folder);
  t.false(existsSync(folder));
});
