import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { checkBackup } from '../../../daemon/cli/restore.ts';
import type { BackupBegun } from '../../../shared/ipc/backup-contract.ts';
import type { IpcClient } from '../../../shared/ipc/client.ts';
import { ipcErrors } from '../../../shared/ipc/contract.ts';
import { lookUntil } from '../../fixture/look-until.ts';
import { startTestServer, type TestServer } from '../../fixture/name-server.ts';
import { exchange } from '../../fixture/tcp-client.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';

async function register({ port }: TestServer, from: number, to: number): Promise<void> {
  const lines = Array.from({ length: to - from + 1 }, (_, i) => `alive n${from + i} ${from + i}\n`);
  await exchange(port, lines.join(''));
}

async function readAll(client: IpcClient, id: string, bytes: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes; at += pieces.at(-1)?.length ?? 0)
    pieces.push(await client.readBackup({ id, at }));
  return Buffer.concat(pieces);
}

function hostsLine(t: ExecutionContext, server: TestServer, bytes: Buffer): string | undefined {
  const file = join(makeFolder(t), 'backup.db');
  writeFileSync(file, bytes);
  return checkBackup(file, server.settings)[2];
}

test('backup service › a console reads everything answered so far, and it is logged', async (t) => {
  const server = await startTestServer(t);
  await register(server, 1, 3_000);
  const client = await server.attach();
  const { id, bytes, live } = await client.beginBackup();
  await register(server, 3_001, 3_100);
  const copy = await readAll(client, id, bytes);
  t.deepEqual([live, copy.length], [3_000, bytes]);
  t.is(hostsLine(t, server, copy), 'hosts        3000, and 0 deleted ones');
  const [line] = server.logged.filter(({ msg }) => /backup/.test(String(msg)));
  t.like(line, { msg: 'backup of 3000 hosts read by an operator', level: 'info', bytes });
  const { activity } = await client.subscribe(() => {});
  t.is(activity.filter(({ kind }) => kind === 'backup').length, 1);
});

test('backup service › one is made at a time, and a console that disconnects makes room', async (t) => {
  const server = await startTestServer(t);
  const [first, second] = [await server.attach(), await server.attach()];
  await first.beginBackup();
  await t.throwsAsync(second.beginBackup(), {
    code: ipcErrors.noBackup,
    message: 'another backup is in progress; try again when it has ended',
  });
  first.close();
  const begun = await lookUntil(
    () => second.beginBackup().catch(() => null),
    (each) => each !== null,
  );
  const { id, bytes } = begun as BackupBegun;
  t.is((await readAll(second, id, bytes)).length, bytes);
});

test('backup service › reading what has ended is refused', async (t) => {
  const server = await startTestServer(t);
  const client = await server.attach();
  const { id, bytes } = await client.beginBackup();
  await readAll(client, id, bytes);
  await t.throwsAsync(client.readBackup({ id, at: 0 }), { code: ipcErrors.noBackup });
  await t.throwsAsync(client.readBackup({ id: '99', at: 0 }), { code: ipcErrors.noBackup });
});
