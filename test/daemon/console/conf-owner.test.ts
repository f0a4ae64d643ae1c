// ddnsd run by a user that does not own ddns.conf.
import { spawn } from 'node:child_process';
import { chmodSync, chownSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { connectIpc, type IpcClient } from '../../../shared/ipc/client.ts';
import { ipcErrors } from '../../../shared/ipc/contract.ts';
import { freePort } from '../../fixture/free-port.ts';
import { asRoot, otherUserEnv, otherUser as user } from '../../fixture/other-user.ts';
import { programFile } from '../../fixture/programs.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';

/** A data folder owned by the daemon's user, and `folder` for ddns.conf. */
async function startAs(t: ExecutionContext, folder: string): Promise<IpcClient> {
  const data = makeFolder(t);
  chownSync(data, user, user);
  const conf = join(folder, 'ddns.conf');
  const places = `Database=${data}/hosts.db\nSocket=${data}/s.sock\n`;
  writeFileSync(conf, `Interface=127.0.0.1\nPort=${await freePort()}\n${places}Threads=1\n`);
  const child = spawn(process.execPath, [programFile('ddnsd'), '--conf', conf], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: data,
    env: otherUserEnv,
    uid: user,
    gid: user,
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  t.teardown(() => {
    child.kill('SIGKILL');
    return ended;
  });
  let log = '';
  await new Promise<void>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text) => {
      log += text;
      if (log.includes('is ready')) resolve();
    });
    ended.then(() => reject(new Error(`ddnsd ended: ${log}`)));
  });
  const client = await connectIpc(join(data, 's.sock'), { name: 'test', version: '0' });
  t.teardown(() => client.close());
  return client;
}

async function save(client: IpcClient) {
  const { fingerprint } = await client.config();
  const edits = [{ name: 'Backlog', value: '7' }];
  return client.saveConfig({ edits, fingerprint: fingerprint ?? '' });
}

asRoot(
  'conf owner › in a folder of another user nothing is saved, and the next step is reported',
  async (t) => {
    const folder = makeFolder(t);
    chmodSync(folder, 0o755);
    const client = await startAs(t, folder);
    const { unwritable } = await client.config();
    t.is(
      unwritable,
      `the user of ddnsd may not write to ${folder}; change its owner (chown), or edit the file as root and reload`,
    );
    await t.throwsAsync(save(client), {
      code: ipcErrors.notWritten,
      message: `${folder}/ddns.conf was not saved: ${unwritable}`,
    });
  },
);

asRoot('conf owner › a file whose group cannot be kept is closed to the group', async (t) => {
  const folder = makeFolder(t);
  chownSync(folder, user, user);
  const client = await startAs(t, folder);
  const conf = join(folder, 'ddns.conf');
  chmodSync(conf, 0o664);
  const result = await save(client);
  t.is(result.outcome, 'saved');
  const { uid, gid, mode } = statSync(conf);
  t.deepEqual([uid, gid, (mode & 0o777).toString(8)], [user, user, '604']);
  t.true(readFileSync(conf, 'utf8').endsWith('Threads=1\nBacklog=7\n'));
});
