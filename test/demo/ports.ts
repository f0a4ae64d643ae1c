// A port that is free on every one of some addresses at this moment. Name servers and nodes of the
// demo network have one port each kind, so that what is on the screen is easy to read.
import { createServer, type Server } from 'node:net';

/** A system's own free ports, when the preferred ones are taken. */
const attempts = 20;

/** @throws when one of `ips` is not this machine's, or no port is free on all of them */
export async function findPort(ips: readonly string[], preferred: number): Promise<number> {
  for (let attempt = 0; attempt <= attempts; attempt++) {
    const port = await freeOnAll(ips, attempt === 0 ? preferred : 0);
    if (port !== null) return port;
  }
  throw new Error(`no port is free on ${ips[0]} to ${ips.at(-1)} together; try again`);
}

/** With port 0 the first address has the system choose one. Null: it is taken on some of them. */
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
