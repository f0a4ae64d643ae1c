// What lies between simulated nodes, and between them and the fleet's name servers: who answers at an
// address, how long a line is, and whether it is cut. A line is equally long each way and each time,
// so what is sent first arrives first.
import type { Answerer } from '../../../shared/node/network.ts';
import { formatIp } from '../../../shared/protocol/address.ts';
import type { Reply, Request } from '../../../shared/protocol/message.ts';
import type { Fleet } from '../fleet.ts';
import type { Server } from '../server.ts';
import { NodeTime } from './node-time.ts';

/** ms one way. */
const lineMs = { least: 1, most: 60 };

/** Of the messages, so many come in pieces. */
const piecesShare = 0.05;

/** Whoever accepts a connection: gets a request, the packed address it came from, and says a reply. */
export type Door = (request: Request, from: Uint32Array, send: (reply: Reply) => void) => void;

export interface Line {
  /** Runs it at the other end, unless the line is cut when it arrives. */
  carry(run: () => void): void;
}

export class Internet {
  readonly time: NodeTime;
  /** Servers whose machine is off: they do not even refuse. */
  readonly off = new Set<Server>();
  private readonly fleet: Fleet;
  private readonly answerers = new Map<string, Answerer>();
  private readonly servers: Map<string, Server>;
  private readonly lengths = new Map<string, number>();

  constructor(fleet: Fleet) {
    this.fleet = fleet;
    this.time = new NodeTime(fleet.world);
    this.servers = new Map(fleet.servers.map((server) => [server.address, server]));
  }

  open(address: string, answerer: Answerer): void {
    this.answerers.set(address, answerer);
  }

  shut(address: string): void {
    this.answerers.delete(address);
  }

  /** Who is at `address` now. */
  doorAt(address: string): Door | 'shut' | 'silent' {
    const server = this.servers.get(address);
    if (server !== undefined) return this.doorOf(server);
    const answerer = this.answerers.get(address);
    const host = this.fleet.host(address);
    if (answerer !== undefined && host.isAlive)
      return (request, from, send) => {
        if (host.isAlive) send(answerer(request, formatIp(from, 0)));
      };
    return host.refuses ? 'shut' : 'silent';
  }

  line(from: string, to: string): Line {
    const { fleet, time } = this;
    const key = from < to ? `${from} ${to}` : `${to} ${from}`;
    const ms = this.lengths.get(key) ?? fleet.world.between(lineMs.least, lineMs.most);
    this.lengths.set(key, ms);
    const server = this.servers.get(to);
    return {
      carry: (run) => {
        time.after(ms, () => {
          if (server === undefined || fleet.reach.toHost(server.index, from)) run();
        });
      },
    };
  }

  *pieces(bytes: Uint8Array): Generator<Buffer> {
    const { world } = this.fleet;
    const whole = Buffer.from(bytes);
    const isBroken = world.random() < piecesShare;
    for (let at = 0; at < whole.length; ) {
      const piece = isBroken ? whole.subarray(at, at + 1 + world.below(whole.length)) : whole;
      at += piece.length;
      yield piece;
    }
  }

  private doorOf(server: Server): Door | 'shut' | 'silent' {
    const { process } = server;
    if (process === null) return this.off.has(server) ? 'silent' : 'shut';
    return (request, from, send) =>
      process.soon(() =>
        process.answer(request, { ip: from.subarray(0, 4), dialect: 'native' }, send),
      );
  }
}
