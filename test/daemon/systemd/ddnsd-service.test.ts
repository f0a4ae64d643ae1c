import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { exitCodes } from '../../../shared/program.ts';
import { makeFolder } from '../program.ts';

const units = fileURLToPath(new URL('../../../daemon/systemd/', import.meta.url));

function systemd(...args: string[]) {
  const { error, status, stdout, stderr } = spawnSync('systemd-analyze', args, {
    encoding: 'utf8',
  });
  return error ? null : { status, stdout, stderr };
}

const version = Number(
  /^systemd (\d+)/.exec(systemd('--version')?.stdout ?? '')?.[1] ?? Number.NaN,
);

/** A copy whose programs exist on every machine, which is all that verify asks of them. */
async function copyOfUnit(folder: string): Promise<string> {
  const unit = join(folder, 'ddnsd.service');
  const text = await readFile(join(units, 'ddnsd.service'), 'utf8');
  await writeFile(unit, text.replace(/^(Exec\w+)=[\w-]+/gm, `$1=${process.execPath}`));
  return unit;
}

test('service › systemd-analyze verify finds nothing wrong', async (t) => {
  if (Number.isNaN(version)) {
    t.log('skipped: no systemd-analyze here');
    t.pass();
    return;
  }
  const unit = await copyOfUnit(await makeFolder(t));
  t.deepEqual(systemd('verify', '--man=no', unit), { status: 0, stdout: '', stderr: '' });
});

test('service › the drop-in for backoff is understood from systemd 254 on', async (t) => {
  if (!(version >= 254)) {
    t.log(`skipped: systemd here is ${version}`);
    t.pass();
    return;
  }
  const folder = await makeFolder(t);
  const unit = await copyOfUnit(folder);
  await mkdir(`${unit}.d`);
  await copyFile(join(units, 'backoff.conf'), join(`${unit}.d`, 'backoff.conf'));
  t.deepEqual(systemd('verify', '--man=no', unit), { status: 0, stdout: '', stderr: '' });
});

test('service › the drop-in for low ports is understood, and only adds the one capability', async (t) => {
  const text = await readFile(join(units, 'low-ports.conf'), 'utf8');
  t.deepEqual(text.match(/^[A-Z]\w+=.*$/gm), [
    'AmbientCapabilities=CAP_NET_BIND_SERVICE',
    'CapabilityBoundingSet=CAP_NET_BIND_SERVICE',
    'PrivateUsers=no',
  ]);
  if (Number.isNaN(version)) {
    t.log('skipped: no systemd-analyze here');
    return;
  }
  const unit = await copyOfUnit(await makeFolder(t));
  await mkdir(`${unit}.d`);
  await copyFile(join(units, 'low-ports.conf'), join(`${unit}.d`, 'low-ports.conf'));
  t.deepEqual(systemd('verify', '--man=no', unit), { status: 0, stdout: '', stderr: '' });
});

test('service › the sandbox is rated OK', async (t) => {
  const unit = await copyOfUnit(await makeFolder(t));
  // It is 1.4; without any of the sandbox it would be 9.2.
  const rated = systemd('security', '--offline=yes', '--threshold=15', '--no-pager', unit);
  if (rated === null || version < 250) {
    t.log('skipped: no systemd-analyze here that rates a file');
    t.pass();
    return;
  }
  t.is(rated.status, 0, rated.stdout + rated.stderr);
});

test('service › a worker that is killed for lack of memory does not stop the others', async (t) => {
  const text = await readFile(join(units, 'ddnsd.service'), 'utf8');
  t.true(/^OOMPolicy=continue$/m.test(text));
});

test('service › after a failure that needs the operator the service is not restarted', async (t) => {
  const text = await readFile(join(units, 'ddnsd.service'), 'utf8');
  const { usage, configuration } = exitCodes;
  t.regex(text, new RegExp(`^RestartPreventExitStatus=${usage} ${configuration}$`, 'm'));
  t.notRegex(text, /^MemoryDenyWriteExecute/m);
});
