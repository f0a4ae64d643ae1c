// What every transport between name servers owes its owner (daemon/replication/transport.ts), as tests that a new one
// runs as it is: give `conformance` a way to make two servers that know each other, and it does the rest.
import { once } from 'node:events';
import ava, { type ExecutionContext } from 'ava';
import type { Everybody } from '../../../daemon/core/sync/publication.ts';
import type { Link, Transport, TransportOwner } from '../../../daemon/replication/transport.ts';
import { encodeSync, type SyncHello } from '../../../shared/protocol/sync-message.ts';

/** A server of a test: its transport, and where others reach it. */
export interface Station {
  readonly transport: Transport;
  readonly address: string;
  /** what its hello says */
  readonly id: string;
}

/** How a transport is tested. */
export interface Conformance {
  /** in the titles of the tests */
  name: string;
  /** whether its links are said to be encrypted */
  isEncrypted: boolean;
  /** whether it also reaches everybody at once */
  reachesAll: boolean;
  /** what it needs is missing here */
  isSkipped?: boolean;
  /** Makes two servers that can find each other; neither is started. They end with the test. */
  two: (
    t: ExecutionContext,
    owners: readonly [TransportOwner, TransportOwner],
  ) => Promise<readonly [Station, Station]>;
}

/** One side of a test: what its transport told it, in order. */
class Owner implements TransportOwner {
  readonly dials = new Happenings<{ address: string; link: Link }>();
  readonly greetings = new Happenings<{ hello: SyncHello; link: Link }>();
  readonly finds = new Happenings<string>();
  readonly refusals = new Happenings<{ address: string; reason: string }>();
  readonly reached = new Happenings<Everybody | null>();
  readonly news = new Happenings<{ address: string; id: string; text: string }>();
  /** whom it still takes for a peer */
  isPeer = true;
  isWanting = true;
  private readonly station: () => Station;

  constructor(station: () => Station) {
    this.station = station;
  }

  dialled(address: string, link: Link) {
    this.dials.add({ address, link });
    if (!this.isPeer) return null;
    link.on('error', () => {});
    const { id, address: listen } = this.station();
    link.write(encodeSync(helloOf(id, listen)), 'latin1');
    return { isOpen: true };
  }

  accepted(hello: SyncHello, link: Link) {
    link.on('error', () => {});
    this.greetings.add({ hello, link });
  }

  wants() {
    return this.isWanting;
  }

  reaches(everybody: Everybody | null) {
    this.reached.add(everybody);
  }

  heard(address: string, id: string, bytes: Uint8Array) {
    this.news.add({ address, id, text: Buffer.from(bytes).toString('latin1') });
  }

  dismissed() {}
  found(address: string) {
    this.finds.add(address);
  }

  searching() {}

  unreached() {}

  refused(address: string, reason: string) {
    this.refusals.add({ address, reason });
  }
}

/** What has happened, and what is awaited. */
class Happenings<Each> {
  private readonly all: Each[] = [];
  private taken = 0;
  private readonly awaited: ((each: Each) => void)[] = [];

  get count(): number {
    return this.all.length;
  }

  add(each: Each): void {
    const next = this.awaited.shift();
    this.all.push(each);
    next?.(each);
  }

  /** The next one from now on. */
  next(): Promise<Each> {
    return new Promise((resolve) => this.awaited.push(resolve));
  }

  /** The first one that was not taken yet. */
  async take(): Promise<Each> {
    if (this.all.length <= this.taken) await this.next();
    return this.all[this.taken++] as Each;
  }

  /** The first one, whenever it came. */
  first(): Promise<Each> {
    const [first] = this.all;
    return first === undefined ? this.next() : Promise.resolve(first);
  }
}

function helloOf(id: string, listen: string): SyncHello {
  return {
    kind: 'hello',
    id,
    epoch: '01234567',
    run: '89abcdef',
    protocol: 1,
    clock: 1,
    listen,
    entry: 0,
  };
}

/** Declares the tests of one transport. */
export function conformance(transport: Conformance): void {
  const { name, isEncrypted, two, reachesAll, isSkipped = false } = transport;
  // One after the other: what one of them sends would hold up the signs of life of another.
  const test = isSkipped ? ava.skip : ava.serial;
  const prepare = async (t: ExecutionContext) => {
    t.timeout(120_000);
    const stations: Station[] = [];
    const owners = [0, 1].map((index) => new Owner(() => stations[index] as Station)) as [
      Owner,
      Owner,
    ];
    stations.push(...(await two(t, owners)));
    return { owners, stations: stations as [Station, Station] };
  };
  const start = async (t: ExecutionContext) => {
    const { owners, stations } = await prepare(t);
    for (const { transport, address } of stations) transport.start(address);
    const [dial, greeting] = await Promise.all([
      owners[0].dials.first(),
      owners[1].greetings.first(),
    ]);
    return { owners, stations, near: dial.link, far: greeting.link };
  };

  test(`${name} › each server opens a link to the other, and is told of the one that the other opened`, async (t) => {
    const { owners, stations } = await start(t);
    for (const [index, owner] of owners.entries()) {
      const other = stations[1 - index] as Station;
      const dial = await owner.dials.first();
      t.deepEqual([dial.address, dial.link.encrypted === true], [other.address, isEncrypted]);
      const { hello } = await owner.greetings.first();
      t.deepEqual([hello.id, hello.listen], [other.id, other.address]);
    }
  });

  test(`${name} › what is written comes whole and in order, in both directions`, async (t) => {
    const { near, far } = await start(t);
    const count = 20_000;
    const text = Array.from({ length: count }, (_, number) => `ack ${number}\n`).join('');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      let received = '';
      const all = new Promise<void>((resolve) => {
        to.on('data', (chunk: Buffer) => {
          received += chunk.toString('latin1');
          if (received.length >= text.length) resolve();
        });
      });
      for (const line of text.split(/(?<=\n)/)) from.write(line, 'latin1');
      await all;
      t.true(received === text);
      to.removeAllListeners('data');
    }
  });

  test(`${name} › what a peer does not read is counted, and comes when it reads`, async (t) => {
    const { near, far } = await start(t);
    far.pause();
    const bytes = 16 * 1024 * 1024;
    const block = Buffer.alloc(64 * 1024, 'x');
    let written = 0;
    while (written < bytes) {
      near.write(block);
      written += block.length;
      // Gives what is under way the time that it takes to get there.
      await new Promise((resolve) => setImmediate(resolve));
    }
    t.true(near.writableLength > bytes / 4, `${near.writableLength} bytes wait`);
    let received = 0;
    const all = new Promise<void>((resolve) => {
      far.on('data', (chunk: Buffer) => {
        received += chunk.length;
        if (received >= bytes) resolve();
      });
    });
    far.resume();
    await all;
    t.is(received, bytes);
  });

  test(`${name} › a link that is ended closes at both sides, behind what was written`, async (t) => {
    const { near, far } = await start(t);
    let received = '';
    far.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1');
    });
    far.on('end', () => far.destroy());
    near.resume();
    const closed = Promise.all([once(near, 'close'), once(far, 'close')]);
    near.write('error busy later\n');
    near.end();
    await closed;
    t.is(received, 'error busy later\n');
  });

  for (const side of ['opened', 'took'] as const)
    test(`${name} › a link that is destroyed by the server that ${side} it closes at both sides, and another one is opened`, async (t) => {
      const { owners, near, far } = await start(t);
      near.resume();
      far.resume();
      const again = owners[0].dials.next();
      const greetedAgain = owners[1].greetings.next();
      const closed = Promise.all([once(near, 'close'), once(far, 'close')]);
      far.on('end', () => far.destroy());
      near.on('end', () => near.destroy());
      (side === 'opened' ? near : far).destroy();
      await closed;
      const next = await again;
      t.not(next.link, near);
      t.is((await greetedAgain).hello.kind, 'hello');
    });

  test(`${name} › to a server that is no peer no second link is opened`, async (t) => {
    const { owners, stations } = await prepare(t);
    owners[0].isPeer = false;
    for (const { transport, address } of stations) transport.start(address);
    const { link } = await owners[0].dials.first();
    if (!link.closed) await once(link, 'close');
    // The other one still opens its own, and more than one pause has passed when that was done twice.
    for (let times = 0; times < 2; times++) {
      const { link: theirs } = await (times === 0
        ? owners[0].greetings.first()
        : owners[0].greetings.next());
      theirs.destroy();
    }
    t.is(owners[0].dials.count, 1);
  });

  test(`${name} › a transport that is closed opens no link any more, and its links are closed`, async (t) => {
    const { owners, stations, far } = await start(t);
    far.resume();
    far.on('end', () => far.destroy());
    const closed = once(far, 'close');
    stations[0].transport.close();
    stations[0].transport.close();
    await closed;
    const { count } = owners[0].dials;
    stations[0].transport.wake(stations[1].address);
    await new Promise((resolve) => setImmediate(resolve));
    t.is(owners[0].dials.count, count);
  });

  if (!reachesAll) {
    test(`${name} › says that it reaches one server at a time`, async (t) => {
      const { owners, stations } = await start(t);
      t.is(stations[0].transport.publish, null);
      t.is(owners[0].reached.count, 0);
    });
    return;
  }

  test(`${name} › what is published comes to the others, whole and in order, with whom it is from`, async (t) => {
    const { owners, stations } = await start(t);
    const everybody = await owners[0].reached.first();
    t.is(everybody?.isEncrypted, isEncrypted);
    const largest = everybody?.maxBytes ?? 0;
    t.true(largest >= 2_048, `${largest} bytes are room for the longest record`);
    const count = 500;
    const texts = Array.from({ length: count }, (_, number) =>
      `${number} `.padEnd(number === 7 ? largest : 100, 'x'),
    );
    let left = 0;
    const all = new Promise<void>((resolve) => {
      for (const text of texts)
        stations[0].transport.publish?.(Buffer.from(text), () => {
          if (++left === count) resolve();
        });
    });
    const received: string[] = [];
    while (received.length < count) {
      const { address, id, text } = await owners[1].news.take();
      t.deepEqual([address, id], [stations[0].address, stations[0].id]);
      received.push(text);
    }
    t.deepEqual(received, texts);
    await all;
    t.is(owners[0].news.count, 0, 'nobody hears itself');
  });

  test(`${name} › a link is opened when it is wanted, and not again when it is not`, async (t) => {
    const { owners, stations } = await prepare(t);
    const [own] = owners;
    own.isWanting = false;
    for (const { transport, address } of stations) transport.start(address);
    // The other one opens its own.
    await owners[1].dials.first();
    t.is(own.dials.count, 0);
    own.isWanting = true;
    stations[0].transport.wake(stations[1].address);
    const { link } = await own.dials.first();
    own.isWanting = false;
    link.resume();
    const closed = once(link, 'close');
    link.destroy();
    await closed;
    // Two announcements later, each of which is a chance to open one.
    const { count } = own.finds;
    while (own.finds.count < count + 2) await own.finds.next();
    t.is(own.dials.count, 1);
  });
}
