// Where a demo network is: its temporary folder, and ports that are free on all its addresses. The folder's name
// has the process that made it, so what a killed demo could not remove goes when the next one starts. Name
// servers and nodes have one port each kind, so that what is on the screen is easy to read.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const named = /^ddns-demo-(\d+)-/;

export async function makeDemoFolder(): Promise<string> {
  await removeLeftOvers();
  return mkdtemp(join(tmpdir(), `ddns-demo-${process.pid}-`));
}

/** Never throws; what cannot be removed stays. */
export async function removeDemoFolder(folder: string): Promise<void> {
  // A name server that is ending may still write.
  const patient = { maxRetries: 5, retryDelay: 100 };
  await rm(folder, { recursive: true, force: true, ...patient }).catch(() => {});
}

async function removeLeftOvers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = named.exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid))) await removeDemoFolder(join(tmpdir(), name));
  }
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Ports to try after the preferred one, each chosen by the system. */
const attempts = 20;

/** A port that is free on all `ips` now. @throws Error when one of them is not this machine's, or none is free */
export async function findPort(ips: readonly string[], preferred: number): Promise<number> {
  for (let attempt = 0; attempt <= attempts; attempt++) {
    const port = await freeOnAll(ips, attempt === 0 ? preferred : 0);
    if (port !== null) return port;
  }
  throw new Error(`no port is free on ${ips[0]} to ${ips.at(-1)} together; try again`);
}

/** With port 0 the system chooses one at the first address. Null: the port is taken on one of them. */
async function freeOnAll(ips: readonly string[], port: number): Promise<number | null> {
  const held: Server[] = [];
  let wanted = port;
  try {
    for (const ip of ips) {
      const server = await listen(ip, wanted);
      if (server === null) return null;
      held.push(server);
      const address = server.address();
      if (typeof address === 'object' && address !== null) wanted = address.port;
    }
    return wanted;
  } finally {
    await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))));
  }
}

function listen(ip: string, port: number): Promise<Server | null> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(null);
      else if (error.code === 'EADDRNOTAVAIL') reject(new Error(missing(ip), { cause: error }));
      else reject(error);
    });
    server.listen(port, ip, () => resolve(server));
  });
}

function missing(ip: string): string {
  return `this machine does not have the address ${ip}, which the demo needs; on macOS add it, and each other one that is named, with: sudo ifconfig lo0 alias ${ip}`;
}
