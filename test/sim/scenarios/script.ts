// A script: deeds at named times in a simulated fleet, and the transcript of what its story is about,
// in virtual time (h:mm:ss). Each scenario of this folder is one, played and compared as a whole by
// scenarios.test.ts: it shows what a comparable system suffered from, and what happens here instead.
import type { ExecutionContext } from 'ava';
import { membershipTimes } from '../../../daemon/core/sync/peer.ts';
import { native } from '../../../shared/protocol/dialect.ts';
import type { Request } from '../../../shared/protocol/message.ts';
import { packed } from '../../fixture/registry.ts';
import { textOf } from '../../shared/protocol/wire.ts';
import { Fleet, type FleetOptions } from '../fleet.ts';
import type { Server } from '../server.ts';
import type { Witness } from '../surroundings.ts';

/** ms */
export const second = 1_000;
export const minute = 60 * second;
export const hour = 60 * minute;

export interface Scenario {
  /** where it hurt: owner/repository#number */
  thread: string;
  /** what must hold here, as the end of a test's title */
  lesson: string;
  /** Plays it, asserts the lesson, and returns the transcript. */
  play: (t: ExecutionContext) => string;
  transcript: string;
}

export interface ScriptOptions extends Omit<FleetOptions, 'servers' | 'seed' | 'witness'> {
  servers: number;
  /** the lines of the fleet that belong to the story, besides what the script itself says */
  shows?: RegExp;
}

/** Shorter than the real one, so that a scenario takes a fraction of a second. */
const ttlMs = 10 * minute;

/** It says nothing in these stories. */
const port = ':4000';

const heard = /^(\S+ \S+: (?:heard|did not hear) )(.+)$/;

class ShownFleet extends Fleet {
  readonly lines: string[] = [];
  private readonly shown: RegExp;

  constructor(shown: RegExp, options: FleetOptions) {
    super(options);
    this.shown = shown;
  }

  override note(line: () => string): void {
    const text = line();
    if (this.shown.test(text)) this.say(text);
  }

  /** Hosts that answered a server within one second share a line. */
  say(text: string): void {
    const line = `${clockText(this.world.now)} ${text.replaceAll(port, '')}`;
    const last = this.lines.at(-1) ?? '';
    const [, prefix = '', names = ''] = heard.exec(last) ?? [];
    if (prefix === '' || !line.startsWith(prefix)) this.lines.push(line);
    else {
      const all = new Set([...names.split(' '), line.slice(prefix.length)]);
      this.lines[this.lines.length - 1] = prefix + [...all].toSorted().join(' ');
    }
  }
}

export class Script {
  readonly fleet: Fleet;
  /** whom each server has pinged, in order */
  readonly pinged: { server: Server; address: string; at: number }[] = [];
  /** who was deleted for not answering */
  readonly deleted: string[] = [];
  private readonly shown: ShownFleet;
  private readonly watched: string[] = [];
  private readonly seen = new Map<string, string>();

  constructor({ shows = /^$/, ...options }: ScriptOptions) {
    const witness: Witness = {
      started: () => {},
      acted: () => {},
      answered: () => {},
      pinged: (index, address) =>
        this.pinged.push({ server: this.shown.at(index), address, at: this.shown.world.now }),
      expired: (_server, { address }) => this.deleted.push(address),
    };
    // Heartbeats are those of an hour's TTL, one a second, whatever the TTL is here.
    const membership = membershipTimes(hour);
    this.shown = new ShownFleet(shows, {
      seed: 1,
      ttlMs,
      skewMs: 0,
      membership,
      witness,
      ...options,
    });
    this.fleet = this.shown;
  }

  get transcript(): string {
    return `\n${this.shown.lines.join('\n')}\n`;
  }

  /** Lets everything happen that is due before `time`, then does it. */
  at(time: number, deed: () => void = () => {}): void {
    this.fleet.run(time - this.fleet.world.now);
    deed();
  }

  say(text: string): void {
    this.shown.say(text);
  }

  /** The hosts register at the first two servers in turn; those from `dying` on keep in touch for an hour. */
  populate(addresses: readonly string[], dying: number): void {
    const { fleet } = this;
    this.at(second, () => {
      for (const [index, address] of addresses.entries()) fleet.host(address).register(index % 2);
    });
    for (const [index, address] of addresses.entries())
      for (let at = 3 * minute; index >= dying && at < hour; at += 3 * minute)
        fleet.world.at(at + index * second, () => fleet.host(address).ask('alive', index % 2));
  }

  /** Says every so often what it says then, when that is something else than before. */
  every(ms: number, key: string, text: () => string | null): void {
    this.fleet.world.after(ms, () => {
      const now = text();
      if (now !== null && now !== this.seen.get(key)) {
        this.seen.set(key, now);
        this.say(now);
      }
      this.every(ms, key, text);
    });
  }

  /** Shows peers that come and go, as each server sees them. */
  watchPeers(): void {
    for (const server of this.fleet.servers)
      for (const peer of this.fleet.servers) {
        if (peer === server) continue;
        const view = () => server.view().find(({ address }) => address === peer.address);
        this.every(second, `${server.id} ${peer.id}`, () => {
          const state = view()?.state;
          return state === 'alive' || state === 'down'
            ? `${server.id}: finds ${peer.id} ${state}`
            : null;
        });
      }
  }

  /** Shows which of these hosts a server serves, whenever that changes. */
  watchLists(...addresses: string[]): void {
    this.watched.push(...addresses);
    for (const server of this.fleet.servers)
      this.every(second, `list of ${server.id}`, () => {
        if (server.process === null) return null;
        const served = this.watched.filter((address) => server.serves(address));
        return `${server.id}: serves ${served.join(' ') || 'nobody'}`;
      });
  }

  /** A query of the native dialect as if it came from that host; what it is answered with. */
  query(index: number, address: string, since: string | null = null): string {
    const server = this.fleet.at(index);
    const { process } = server;
    if (process === null) throw new Error(`${server.id} does not run`);
    const words = packed(address);
    const nodeId = `node-${address.replaceAll(':', '.')}`;
    const request: Request = {
      verb: 'query',
      ...{ nodeId, port: words[4] as number, since },
      ...{ limit: null, hop: 0, have: null },
    };
    const origin = { ip: words.subarray(0, 4), dialect: 'native' as const };
    return textOf(native, process.replyTo(request, origin));
  }
}

/** `0:01:30` */
export function clockText(ms: number): string {
  const total = Math.floor(ms / second);
  const digits = (value: number) => String(value).padStart(2, '0');
  return `${Math.floor(total / 3_600)}:${digits(Math.floor(total / 60) % 60)}:${digits(total % 60)}`;
}
