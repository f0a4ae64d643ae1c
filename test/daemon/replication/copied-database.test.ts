// Name servers that use copies of one database, as after a machine was cloned.
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { freePort } from '../../fixture/free-port.ts';
import { lookUntil } from '../../fixture/look-until.ts';
import { startTestServer, type TestServer } from '../../fixture/name-server.ts';
import { ask, newsOf, peerIp, peerUntil, serverIp } from '../../fixture/raw-peer.ts';
import { exchange } from '../../fixture/tcp-client.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';

/** Two folders with copies of the database of a name server that has stopped. */
async function copiesOfDatabase(t: ExecutionContext): Promise<{ id: string; folders: string[] }> {
  const [origin, ...folders] = [makeFolder(t), makeFolder(t), makeFolder(t)] as const;
  const before = await startTestServer(t, { folder: origin, settings: { interface: serverIp } });
  await ask(before, 'alive node 1\n');
  const { id } = (await before.status()).server;
  await before.close();
  for (const folder of folders) copyFileSync(join(origin, 'hosts.db'), join(folder, 'hosts.db'));
  return { id, folders };
}

test('copied database › two servers with copies of one database refuse each other, and both report it', async (t) => {
  const { id, folders } = await copiesOfDatabase(t);
  const port = await freePort();
  const ips = [serverIp, peerIp];
  const servers: TestServer[] = [];
  for (const [index, folder] of folders.entries()) {
    const nameServers = [`${ips[1 - index]}:${port}`];
    const settings = { interface: ips[index] as string, port, nameServers };
    servers.push(await startTestServer(t, { folder, settings }));
  }
  const text = `this name server has the id ${id} too: one database is used by two; start one of them with an empty Database`;
  for (const [index, server] of servers.entries()) {
    const other = ips[1 - index];
    const { state, trouble } = await peerUntil(server, (each) => each.trouble !== null);
    t.deepEqual([state, trouble], ['connecting', text]);
    await server.until(({ counters }) => counters.peersRefused >= 3);
    const reported = [other, `${other}:${port}`].map((from) => `${from} ${text}`);
    t.deepEqual((await newsOf(t, server)).toSorted(), reported);
    t.is(await exchange(port, 'alive node 2\n', { host: ips[index], from: '127.0.9.1' }), 'ok\n');
  }
});

test('copied database › a third server reports two that use copies of one database, until one is gone', async (t) => {
  const { id, folders } = await copiesOfDatabase(t);
  const port = await freePort();
  const [thirdIp, ...twinIps] = ['127.0.8.71', '127.0.8.72', '127.0.8.73'] as const;
  const third = await startTestServer(t, {
    settings: { interface: thirdIp, port, nameServers: twinIps.map((ip) => `${ip}:${port}`) },
  });
  const twins: TestServer[] = [];
  for (const [index, folder] of folders.entries()) {
    const [ip, nameServers] = [twinIps[index] as string, [`${thirdIp}:${port}`]];
    const settings = { interface: ip, port, nameServers };
    twins.push(await startTestServer(t, { folder, settings }));
  }
  const text = (index: number) =>
    `has the id ${id}, and so has ${twinIps[1 - index]}:${port}: one database is used by two name servers, and changes of either are missed; start one of them with an empty Database`;
  const isReported = ({ trouble }: { trouble: string | null }) => trouble !== null;
  const { peers } = await third.until(({ peers }) => peers.length === 2 && peers.every(isReported));
  t.deepEqual(
    peers.map(({ state, trouble }) => [state, trouble]),
    [0, 1].map((index) => ['alive', text(index)]),
  );
  const isLogged = (index: number) =>
    third.logged.some(({ level, msg }) => level === 'warn' && String(msg).includes(text(index)));
  await lookUntil(() => isLogged(0) && isLogged(1), Boolean);
  const news = await newsOf(t, third);
  for (const index of [0, 1])
    t.true(news.includes(`${twinIps[index]}:${port} ${text(index)}`), `${index}`);
  await twins[0]?.close();
  const { peers: left } = await third.until(({ peers }) => peers.length === 1);
  t.regex(left[0]?.trouble ?? '', /^does not answer at 127\.0\.8\.72:\d+, where it is named, too;/);
});
