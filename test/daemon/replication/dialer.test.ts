// What is said about a peer that was dialled inside TLS, by what it does.
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { createSecureContext, TLSSocket, type TLSSocketOptions, type TlsOptions } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import { connectTimeout, connectTrouble } from '../../../daemon/net/connection-trouble.ts';
import { SecureChannel } from '../../../daemon/net/secure-channel.ts';
import { Dialer } from '../../../daemon/replication/dialer.ts';
import { Secret } from '../../../shared/config/secret.ts';
import { freePort } from '../../fixture/free-port.ts';
import { keyOf } from '../../fixture/tls-client.ts';

const plain = new SecureChannel(null);
const channel = new SecureChannel(new Secret('correct horse battery staple'));
const other = new SecureChannel(new Secret('correct horse battery stable'));
/** Of a peer that is named by its address. */
const names = { resolve: async (address: string) => [address], resolved: () => {} };

/** What the dialer says about a peer that treats its first connection so. */
async function dial(
  t: ExecutionContext,
  treat: (socket: Socket) => void,
  options: Partial<ConstructorParameters<typeof Dialer>[0]> = {},
): Promise<{ said: string; dialer: Dialer; port: number }> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    t.teardown(() => socket.destroy());
    treat(socket);
  });
  t.teardown(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return new Promise((resolve) => {
    const tell = (said: string) => resolve({ said, dialer, port });
    const dialer = new Dialer({
      ...names,
      address: `127.0.0.1:${port}`,
      from: undefined,
      channel,
      connected: (socket) => socket.write('hello', () => tell('connected')),
      refused: tell,
      wasGood: () => false,
      ...options,
    });
    t.teardown(() => dialer.close());
    dialer.start();
  });
}

/** The listening side, with the first bytes put back as a connection does it. */
function accept(by: SecureChannel, received: (text: string) => void = () => {}) {
  return (socket: Socket) =>
    socket.once('data', (chunk) => {
      socket.pause();
      socket.unshift(chunk);
      const secured = by.accept(socket, { completed: () => {}, failed: () => {} });
      secured.on('data', (data) => received(String(data)));
      secured.on('error', () => {});
    });
}

test('dialer › with the same secret it connects, and what is sent arrives', async (t) => {
  let arrived: (text: string) => void = () => {};
  const text = new Promise<string>((resolve) => {
    arrived = resolve;
  });
  const { said } = await dial(t, accept(channel, arrived));
  t.is(said, 'connected');
  t.is(await text, 'hello');
});

test('dialer › without a secret it connects in the clear', async (t) => {
  const got = new Promise<string>((resolve) => {
    void dial(t, (socket) => socket.on('data', (data) => resolve(String(data))), {
      channel: plain,
    });
  });
  t.is(await got, 'hello');
});

const [old, next] = ['the secret of before, and', 'the secret that replaces it'];
const steps = [
  new Secret(old),
  new Secret(old, next),
  new Secret(next, old),
  new Secret(next),
] as const;
const [before, begun, turned, over] = steps;

// During a rotation each server is at most one step ahead of another.
for (const [at, secret] of steps.entries())
  for (const other of steps.slice(Math.max(0, at - 1), at + 2))
    test(`dialer › rotation: one at step ${at} is let in by one at step ${steps.indexOf(other)}`, async (t) => {
      const dialling = new SecureChannel(secret);
      const { said } = await dial(t, accept(new SecureChannel(other)), { channel: dialling });
      t.is(said, 'connected');
    });

test('dialer › rotation: a peer that knows one name of the key alone is dialled with that', async (t) => {
  const names: string[] = [];
  const older = (socket: Socket) => {
    const options: TLSSocketOptions & Pick<TlsOptions, 'pskCallback'> = {
      isServer: true,
      secureContext: createSecureContext({
        ciphers: 'ECDHE-PSK-CHACHA20-POLY1305',
        maxVersion: 'TLSv1.2',
      }),
      pskCallback: (_, name) => {
        names.push(name);
        return name === 'dynamo-dns' ? keyOf(old) : null;
      },
    };
    new TLSSocket(socket, options).on('error', () => {}).on('_tlsError', () => socket.destroy());
  };
  const { said } = await dial(t, older, { channel: new SecureChannel(begun) });
  t.is(said, 'connected');
  t.is(names.length, 2);
  t.regex(names[0] ?? '', /^dynamo-dns [12]$/);
});

test('dialer › rotation: the next connection is ready before the present one is closed', async (t) => {
  const renewed = new SecureChannel(begun);
  const accepted: Socket[] = [];
  const treat = (socket: Socket) => {
    accepted.push(socket);
    accept(renewed)(socket);
  };
  const { dialer } = await dial(t, treat, { channel: renewed });
  const closed = once(accepted[0] as Socket, 'close').then(() => accepted.length);
  renewed.configure(turned);
  dialer.renew();
  t.is(await closed, 2);
  t.false(accepted[1]?.destroyed);
});

test('dialer › rotation: when the next connection does not come about it is dialled again, and the present one stays', async (t) => {
  const renewed = new SecureChannel(null);
  const channelOfOld = new SecureChannel(before);
  const accepted: Socket[] = [];
  const treat = (socket: Socket) => {
    accepted.push(socket);
    // The second one is never answered.
    if (accepted.length > 2) accept(channelOfOld)(socket);
    else socket.resume();
  };
  const { dialer } = await dial(t, treat, {
    ...{ channel: renewed, timeoutMs: 200, wasGood: () => true },
  });
  const closed = once(accepted[0] as Socket, 'close').then(() => accepted.length);
  renewed.configure(new Secret(old, 'none'));
  dialer.renew();
  t.is(await closed, 3);
});

test('dialer › rotation: a connection whose secret is void is closed at once', async (t) => {
  const renewed = new SecureChannel(before);
  const accepted: Socket[] = [];
  const treat = (socket: Socket) => {
    accepted.push(socket);
    accept(new SecureChannel(before))(socket);
  };
  const { dialer } = await dial(t, treat, { channel: renewed });
  const closed = once(accepted[0] as Socket, 'close');
  renewed.configure(over);
  dialer.renew();
  await t.notThrowsAsync(closed, 'although no other one can be opened');
});

const treatments: [what: string, treat: (socket: Socket) => void, said: string][] = [
  [
    'a peer with another secret',
    accept(other),
    'refuses the TLS handshake: the Secret differs; set the same one in ddns.conf of both name servers',
  ],
  [
    'a name server without a secret',
    (socket) => {
      socket.once('data', () => socket.end('error malformed no dialect begins with byte 0x16\n'));
    },
    'does not speak TLS: it has no Secret set; set the same one there',
  ],
  [
    'a peer that ends the connection',
    (socket) => {
      socket.once('data', () => socket.end());
    },
    'ended the connection during the TLS handshake; its log may say why',
  ],
  [
    'a peer that resets the connection',
    (socket) => {
      socket.once('data', () => socket.resetAndDestroy());
    },
    'ended the connection during the TLS handshake; its log may say why',
  ],
  [
    'a peer that speaks another TLS',
    (socket) => {
      // An alert: handshake failure.
      socket.once('data', () => socket.end(Buffer.from([0x15, 3, 3, 0, 2, 2, 40])));
    },
    'does not take part in the TLS handshake (alert handshake_failure); is it a name server with a Secret?',
  ],
];

for (const [what, treat, said] of treatments)
  test(`dialer › ${what} is reported`, async (t) => {
    t.is((await dial(t, treat)).said, said);
  });

test('dialer › a peer that accepts and sends nothing is given up, and reported', async (t) => {
  const { said } = await dial(t, () => {}, { timeoutMs: 50 });
  t.is(
    said,
    'accepted the connection, but did not complete the TLS handshake within 0.05 s; is it a name server with a Secret?',
  );
});

test('dialer › a peer at which nothing listens is reported after several attempts', async (t) => {
  const port = await freePort();
  const said = await new Promise<string>((resolve) => {
    const dialer = new Dialer({
      ...{ ...names, address: `127.0.0.1:${port}`, from: undefined, channel: plain },
      ...{ connected: () => {}, refused: resolve, wasGood: () => false },
    });
    t.teardown(() => dialer.close());
    dialer.start();
  });
  t.regex(said, /^refuses connections: nothing listens there; start ddnsd there, or correct/);
});

test('dialer › an error of the system is reported with what to do', (t) => {
  const said = (code: string) => connectTrouble(Object.assign(new Error('no'), { code }));
  t.regex(said('ETIMEDOUT'), /^does not answer; check its address in NameServers/);
  t.regex(said('EHOSTUNREACH'), /^cannot be reached from here \(EHOSTUNREACH\)/);
  t.regex(said('EADDRNOTAVAIL'), /from the address in Interface/);
  t.regex(said('EMFILE'), /raise LimitNOFILE/);
  t.regex(said('EX'), /^cannot be connected to \(EX\); check/);
  t.regex(connectTimeout(3_000), /^does not answer within 3 s; check/);
});

test('dialer › after a failed handshake it dials again', async (t) => {
  let attempts = 0;
  await new Promise<void>((resolve) => {
    void dial(t, (socket) => {
      attempts++;
      socket.once('data', () => socket.end());
      if (attempts === 2) resolve();
    });
  });
  t.is(attempts, 2);
});

test('dialer › a dialer that is closed during a handshake reports nothing more', async (t) => {
  const said: string[] = [];
  const server = createServer();
  t.teardown(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const dialer = new Dialer({
    ...names,
    address: `127.0.0.1:${port}`,
    from: undefined,
    channel,
    connected: () => said.push('connected'),
    refused: (reason) => said.push(reason),
    wasGood: () => false,
  });
  dialer.start();
  const [socket] = (await once(server, 'connection')) as [Socket];
  await once(socket, 'data');
  const ended = once(socket, 'close');
  dialer.close();
  socket.resume();
  socket.on('error', () => {});
  await ended;
  t.deepEqual(said, []);
});

/** A dialer of a peer with a name, until it is connected. */
async function dialName(
  t: ExecutionContext,
  resolve: (address: string) => Promise<string[]>,
  options: Partial<ConstructorParameters<typeof Dialer>[0]> = {},
) {
  const said: string[] = [];
  const resolved: string[][] = [];
  let dialer: Dialer | null = null;
  const address = await new Promise<string>((connected) => {
    dialer = new Dialer({
      ...{ address: 'ns2.example.org:4524', resolve, from: undefined, channel: plain },
      resolved: (addresses) => resolved.push([...addresses]),
      connected: (socket) => connected(`${socket.remoteAddress}`),
      refused: (reason) => said.push(reason),
      wasGood: () => false,
      ...options,
    });
    t.teardown(() => dialer?.close());
    dialer.start();
  });
  return { said, resolved, address };
}

async function listen(t: ExecutionContext, ...ips: string[]): Promise<number> {
  const port = await freePort();
  for (const ip of ips) {
    const server = createServer((socket) => socket.on('error', () => {}));
    t.teardown(() => server.close());
    server.listen(port, ip);
    await once(server, 'listening');
  }
  return port;
}

test('dialer › of a name every address is tried, and the next one at once', async (t) => {
  const port = await listen(t, '127.0.0.5');
  const { said, address } = await dialName(t, async (name) => {
    t.is(name, 'ns2.example.org:4524');
    return [`127.0.0.3:${port}`, `127.0.0.4:${port}`, `127.0.0.5:${port}`];
  });
  t.is(address, '127.0.0.5');
  t.deepEqual(said, []);
});

test('dialer › a name is resolved again on each dial, and one that does not resolve is reported', async (t) => {
  const port = await listen(t, '127.0.0.5');
  let lookups = 0;
  const { said, address } = await dialName(t, async () => {
    if (++lookups < 4) throw new Error('has a name that does not resolve');
    return [`127.0.0.5:${port}`];
  });
  t.deepEqual([lookups, address], [4, '127.0.0.5']);
  t.deepEqual(said, ['has a name that does not resolve']);
});

test('dialer › where nothing listens, the addresses of the name are reported', async (t) => {
  const port = await freePort();
  const said = await new Promise<string>((refused) => {
    void dialName(t, async () => [`127.0.0.3:${port}`, `127.0.0.4:${port}`], { refused });
  });
  t.regex(said, /^refuses connections: .* \(127\.0\.0\.3, 127\.0\.0\.4\)$/);
});

test('dialer › an address at which the peer is not comes last the next time, and one at which it is comes first', async (t) => {
  const port = await listen(t, '127.0.0.4', '127.0.0.5');
  const addresses = ['127.0.0.4', '127.0.0.5'].map((ip) => `${ip}:${port}`);
  const seen: string[] = [];
  await new Promise<void>((resolve) => {
    void dialName(t, async () => addresses, {
      connected: (socket) => {
        seen.push(String(socket.remoteAddress));
        if (seen.length === 3) resolve();
        socket.destroy();
      },
      wasGood: () => seen.at(-1) === '127.0.0.5',
    });
  });
  t.deepEqual(seen, ['127.0.0.4', '127.0.0.5', '127.0.0.5']);
});
