// Servers on a bus that does what NATS does, and what it may do: messages come in order or not at all.
import test from 'ava';
import { BusEngine } from '../../../../daemon/core/bus/bus-engine.ts';
import type { BusLink } from '../../../../daemon/core/bus/bus-link.ts';
import { type BusFrame, decodeFrame, encodeFrame } from '../../../../shared/protocol/bus-frame.ts';

/** What one server has of a link. */
interface End {
  link: BusLink;
  received: string;
  state: 'open' | 'ended' | 'broken';
  /** takes everything at once */
  isReading: boolean;
}

class Server {
  readonly engine: BusEngine;
  readonly station: string;
  readonly address: string;
  readonly opened = new Map<string, End>();
  readonly accepted: End[] = [];
  readonly found = new Set<string>();
  readonly refused: string[] = [];
  readonly bus: Bus;
  isReading = true;

  /** addresses to which no link is wanted */
  readonly unwanted: Set<string>;

  constructor(bus: Bus, station: string, address: string, unwanted: readonly string[] = []) {
    this.bus = bus;
    this.station = station;
    this.address = address;
    this.unwanted = new Set(unwanted);
    this.engine = new BusEngine({
      address,
      pieceBytes: 10_000,
      linkName: () => (bus.names++).toString(16).padStart(16, '0'),
      random: () => 0.5,
      wants: (each) => !this.unwanted.has(each),
    });
    bus.servers.push(this);
  }

  act(input: (engine: BusEngine) => void): void {
    input(this.engine);
    for (const effect of this.engine.take())
      switch (effect.kind) {
        case 'send':
          this.bus.send(this, effect.to, effect.frame);
          break;
        case 'announce':
          this.bus.announced.push(this.station);
          this.bus.queue.push(() => this.bus.announce(this));
          break;
        case 'found':
          this.found.add(effect.address);
          break;
        case 'opened':
          this.opened.set(effect.address, this.endOf(effect.link));
          break;
        case 'accepted':
          this.accepted.push(this.endOf(effect.link));
          break;
        case 'refused':
          this.refused.push(effect.reason);
      }
  }

  private endOf(link: BusLink): End {
    const end: End = { link, received: '', state: 'open', isReading: this.isReading };
    link.events = {
      data: (bytes) => {
        end.received += Buffer.from(bytes).toString('latin1');
        if (end.isReading) link.taken(bytes.length);
      },
      drained: () => {},
      ended: () => {
        end.state = 'ended';
      },
      broken: () => {
        end.state = 'broken';
      },
    };
    return end;
  }
}

class Bus {
  readonly servers: Server[] = [];
  readonly queue: (() => void)[] = [];
  readonly announced: string[] = [];
  /** every frame that was sent, as `from to kind` */
  readonly sent: string[] = [];
  names = 1;
  /** of each frame that arrives */
  copies = 1;
  now = 0;
  isLost: (from: string, to: string, frame: BusFrame) => boolean = () => false;

  send(from: Server, to: string, frame: BusFrame): void {
    this.sent.push(`${from.station} ${to} ${frame.kind}`);
    if (this.isLost(from.station, to, frame)) return;
    const bytes = encodeFrame(frame);
    const deliver = () => {
      const server = this.servers.find(({ station }) => station === to);
      const decoded = decodeFrame(bytes);
      if (decoded !== null) server?.act((engine) => engine.receive(from.station, decoded));
    };
    for (let copy = 0; copy < this.copies; copy++) this.queue.push(deliver);
  }

  announce({ station, address }: Server): void {
    for (const each of this.servers)
      if (each.station !== station)
        each.act((engine) => engine.heard(`id-${station}`, station, address, this.now));
  }

  /** Delivers everything. */
  settle(): void {
    for (let next = this.queue.shift(); next !== undefined; next = this.queue.shift()) next();
  }

  /** Lets time pass. */
  run(ms: number): void {
    for (const end = this.now + ms; this.now < end; this.now += 250) {
      for (const each of this.servers) each.act((engine) => engine.tick(this.now));
      this.settle();
    }
  }
}

function meet(count: number): { bus: Bus; servers: Server[] } {
  const bus = new Bus();
  const servers = Array.from(
    { length: count },
    (_, index) => new Server(bus, `s${index}`, `10.0.0.${index}:1`),
  );
  bus.run(500);
  return { bus, servers };
}

/** The two ends of the link that the first server opened to the second. */
function ends(a: Server, b: Server): [End, End] {
  const near = a.opened.get(b.address) as End;
  const far = b.accepted.findLast(({ link }) => link.name === near.link.name) as End;
  return [near, far];
}

test('bus › servers that announce themselves open a link to each other at once', (t) => {
  const { servers } = meet(4);
  for (const each of servers) {
    const others = servers.filter((other) => other !== each).map(({ address }) => address);
    t.deepEqual([...each.opened.keys()].toSorted(), others);
    t.deepEqual([...each.found].toSorted(), others);
    t.is(each.accepted.length, 3);
  }
});

test('bus › a server that no link is wanted to gets none, until one is of use; and it may open its own', (t) => {
  const bus = new Bus();
  const a = new Server(bus, 'a', '10.0.0.1:1', ['10.0.0.2:1']);
  const b = new Server(bus, 'b', '10.0.0.2:1');
  bus.run(10_000);
  t.deepEqual([a.opened.size, b.accepted.length], [0, 0]);
  t.deepEqual([b.opened.size, a.accepted.length], [1, 1]);
  t.deepEqual([...a.found], ['10.0.0.2:1']);
  a.unwanted.clear();
  a.act((engine) => engine.wake(b.address, bus.now));
  bus.settle();
  t.is(ends(a, b)[0].state, 'open');
  a.unwanted.add(b.address);
  a.act((engine) => engine.end(ends(a, b)[0].link, true));
  bus.run(10_000);
  t.is(a.opened.size, 1, 'it is not opened again');
});

test('bus › many servers that come at once are answered with an announcement or two each, not with one for each', (t) => {
  const { bus, servers } = meet(50);
  bus.run(1_000);
  for (const { found } of servers) t.is(found.size, 49);
  t.true(bus.announced.length <= 4 * 50, `${bus.announced.length} announcements`);
});

test('bus › what is written comes in order, in pieces that fit, and its end behind it', (t) => {
  const { bus, servers } = meet(2);
  const [near, far] = ends(servers[0] as Server, servers[1] as Server);
  const text = Array.from({ length: 5_000 }, (_, number) => `${number},`)
    .join('')
    .slice(0, 20_001);
  servers[0]?.act(() => near.link.write(Buffer.from(text)));
  servers[0]?.act(() => near.link.end());
  bus.settle();
  t.is(far.received, text);
  t.is(far.state, 'ended');
  t.is(bus.sent.filter((each) => each === 's0 s1 data').length, 3);
});

for (const what of ['data', 'ack', 'end'] as const)
  test(`bus › a lost frame, of ${what}, breaks the link at both ends, and another one is opened`, (t) => {
    const { bus, servers } = meet(2);
    const [a, b] = servers as [Server, Server];
    const [near, far] = ends(a, b);
    let lost = 0;
    bus.isLost = (_, __, { kind }) => kind === what && lost++ === 0;
    // Enough for acknowledgements.
    a.act(() => near.link.write(Buffer.alloc(100_000, 'x')));
    bus.settle();
    if (what === 'end') a.act(() => near.link.end());
    b.act(() => far.link.write(Buffer.from('y')));
    a.act(() => near.link.write(Buffer.from('z')));
    bus.settle();
    t.is(lost > 0, true);
    t.deepEqual([near.state, far.state], ['broken', 'broken']);
    bus.run(1_000);
    const [again, other] = ends(a, b);
    t.not(again.link.name, near.link.name);
    t.deepEqual([again.state, other.state], ['open', 'open']);
  });

test('bus › a request for a link is repeated, as is its answer; one that is never answered is reported', (t) => {
  for (const [kind, times] of [
    ['open', 1],
    ['open', 2],
    ['accept', 1],
  ] as const) {
    const bus = new Bus();
    const [a, b] = [new Server(bus, 'a', '10.0.0.1:1'), new Server(bus, 'b', '10.0.0.2:1')];
    let lost = 0;
    bus.isLost = (from, to, frame) =>
      [from, to].includes('a') && frame.kind === kind && lost++ < times;
    bus.run(5_000);
    t.is(ends(a, b)[0].state, 'open');
    t.is(b.accepted.length, 1);
    t.deepEqual(a.refused, []);
  }
  const bus = new Bus();
  const a = new Server(bus, 'a', '10.0.0.1:1');
  new Server(bus, 'b', '10.0.0.2:1');
  bus.isLost = (_, to) => to === 'b';
  bus.run(10_000);
  t.regex(a.refused[0] ?? '', /^announces itself over NATS and does not answer;/);
});

test('bus › frames that come twice are read once', (t) => {
  const { bus, servers } = meet(2);
  const [a, b] = servers as [Server, Server];
  const [near, far] = ends(a, b);
  bus.copies = 2;
  const text = 'x'.repeat(100_000);
  a.act(() => near.link.write(Buffer.from(text)));
  bus.run(5_000);
  t.deepEqual([far.received === text, near.state, far.state], [true, 'open', 'open']);
});

test('bus › a server that is gone without a word is not said to announce itself', (t) => {
  const bus = new Bus();
  const a = new Server(bus, 'a', '10.0.0.1:1', ['10.0.0.2:1']);
  const b = new Server(bus, 'b', '10.0.0.2:1');
  bus.run(1_000);
  bus.servers.splice(bus.servers.indexOf(b), 1);
  a.unwanted.clear();
  bus.run(20_000);
  t.true(bus.sent.includes('a b open'));
  t.deepEqual(a.refused, []);
});

test('bus › a server that reads nothing is sent 256 KiB and no more, until it reads', (t) => {
  const { bus, servers } = meet(2);
  const [a, b] = servers as [Server, Server];
  const [near, far] = ends(a, b);
  far.isReading = false;
  a.act(() => near.link.write(Buffer.alloc(1_000_000, 'x')));
  bus.settle();
  t.is(far.received.length, 270_000, 'whole pieces');
  far.isReading = true;
  b.act(() => far.link.taken(270_000));
  bus.settle();
  t.is(far.received.length, 1_000_000);
});

test('bus › a server that was started again is linked to at once, and its old links are broken', (t) => {
  const { bus, servers } = meet(2);
  const [a, b] = servers as [Server, Server];
  const [near] = ends(a, b);
  const theirs = a.accepted[0] as End;
  bus.servers.splice(1, 1);
  const again = new Server(bus, 's1b', b.address);
  bus.run(500);
  t.deepEqual([near.state, theirs.state], ['broken', 'broken']);
  t.is(ends(a, again)[0].state, 'open');
  t.is(ends(again, a)[0].state, 'open');
});

test('bus › a server that leaves, or is not heard of for 16 s, is not dialled any more', (t) => {
  const { bus, servers } = meet(3);
  const [a, b, c] = servers as [Server, Server, Server];
  bus.servers.splice(1, 2);
  a.act((engine) => engine.left(b.station));
  t.is(ends(a, b)[0].state, 'broken');
  bus.sent.length = 0;
  bus.run(20_000);
  a.act((engine) => engine.end(ends(a, c)[0].link));
  bus.run(20_000);
  t.deepEqual(bus.sent, ['s0 s2 close']);
});

test('bus › two servers with one address are reported, a restart is not', (t) => {
  const { bus, servers } = meet(2);
  const [a, b] = servers as [Server, Server];
  new Server(bus, 'twin', b.address);
  bus.run(1_000);
  t.deepEqual(a.refused, []);
  bus.run(30_000);
  t.is(a.refused.length, 1);
  t.regex(
    a.refused[0] ?? '',
    /^is announced by more than one server, the last has the id id-twin; give each an address/,
  );
  new Server(bus, 'like-a', a.address);
  bus.run(30_000);
  t.regex(
    a.refused.at(-1) ?? '',
    /^announces the address of this server, 10\.0\.0\.0:1; give each/,
  );
});

test('bus › an announcement from before a restart that comes late keeps nobody away', (t) => {
  const { bus, servers } = meet(2);
  const [a, b] = servers as [Server, Server];
  a.act((engine) => engine.heard('id-s1', 'before', b.address, bus.now));
  t.is(a.engine.at(b.station), null);
  bus.run(25_000);
  t.is(a.engine.at(b.station)?.address, b.address);
  t.is(ends(a, b)[0].state, 'open');
  t.deepEqual(
    a.refused.filter((reason) => reason.includes('more than one')),
    [],
  );
});

test('bus › a frame for a link that is unknown is answered with its end, an end is not', (t) => {
  const { bus, servers } = meet(2);
  bus.sent.length = 0;
  const link = 'f'.repeat(16);
  servers[0]?.act((engine) => engine.receive('s1', { kind: 'end', link, number: 1 }));
  servers[0]?.act((engine) => engine.receive('s1', { kind: 'close', link }));
  t.deepEqual(bus.sent, ['s0 s1 close']);
});

test('bus › a station that opens links without end has four, the newest', (t) => {
  const { bus, servers } = meet(2);
  const [a] = servers as [Server];
  for (let number = 1; number <= 10; number++)
    a.act((engine) =>
      engine.receive('s1', { kind: 'open', link: number.toString(16).padStart(16, 'a') }),
    );
  t.is(a.accepted.filter(({ state }) => state === 'open').length, 4);
  bus.settle();
});
