// The transport of servers that meet over NATS (PROTOCOL.md, "Fleet"): each dials out to NATS only, and is told of
// nobody. What is decided is in core/bus; here are the connection, its subjects, and the seal around what is sent.
import { randomBytes } from 'node:crypto';
import { type FleetSetting, formatFleet } from '../../shared/config/fleet.ts';
import {
  type Announcement,
  decodeAnnouncement,
  decodeFrame,
  encodeAnnouncement,
  encodeFrame,
  linkDigits,
  maxFrameLine,
  stationDigits,
} from '../../shared/protocol/bus-frame.ts';
import { type BusEffect, BusEngine } from '../core/bus/bus-engine.ts';
import type { BusLink } from '../core/bus/bus-link.ts';
import type { Everybody } from '../core/sync/publication.ts';
import { backoffMs } from '../core/timing/timing.ts';
import {
  type FleetSeal,
  type SealedStation,
  sealBytes,
  type Unopened,
  unopenedText,
} from '../net/fleet-seal.ts';
import { BusStream, readGreeting } from './bus-stream.ts';
import type { Bus, BusEvents } from './nats-bus.ts';
import type { Conversation, Transport, TransportOwner } from './transport.ts';

/** How late an announcement or another attempt may be. */
const tickMs = 250;

/** Data in a frame: a batch of changes and a bit fit, and a heartbeat behind it waits for no more. */
const mostPieceBytes = 65_536;

/** The longest record, its place in a batch and the seal fit. */
const leastPayload = 4_096;

/** The servers that are there answer an announcement at once: after this long all of them are known. */
const searchMs = 2_000;

/** What happens with NATS itself, for operators. */
export type FleetNews = { kind: 'reached' | 'lost' | 'refused' | 'unsealed'; text: string };

export interface FleetOptions {
  fleet: FleetSetting;
  seal: FleetSeal;
  /** of this server */
  id: string;
  connect: (events: BusEvents) => Promise<Bus>;
  /** Whether another transport opens links to the server there. */
  isLeftOut: (address: string) => boolean;
  counters: { peersRefused: number; fleetLost: number };
  news: (news: FleetNews) => void;
}

/** What stands while NATS is reached. */
interface Session {
  readonly bus: Bus;
  readonly station: string;
  readonly seal: SealedStation;
  readonly engine: BusEngine;
}

/** Links to all servers that announce themselves on the same fleet. */
export class FleetTransport implements Transport {
  readonly isUsed = true;
  private readonly options: FleetOptions;
  private readonly owner: TransportOwner;
  private readonly known = new Set<string>();
  private readonly unopened = new Map<string, Unopened>();
  /** what NATS refused, and addresses of servers with this one's id: reported while NATS is reached */
  private readonly told = new Set<string>();
  private readonly streams = new Map<BusLink, BusStream>();
  private session: Session | null = null;
  private listen = '';
  private attempt = 0;
  private timer: NodeJS.Timeout | null = null;
  private ticker: NodeJS.Timeout | null = null;
  /** why NATS was not reached, all reasons since it was */
  private readonly troubles = new Set<string>();
  /** what operators were told about messages that are not sealed; null: they are not accepted */
  private openness: string | null = null;
  private isPerforming = false;
  /** what to call when NATS has what was published so far; null: it is not being asked */
  private leaving: (() => void)[] | null = null;
  private isClosed = false;

  constructor(options: FleetOptions, owner: TransportOwner) {
    this.options = options;
    this.owner = owner;
  }

  start(listen: string): void {
    this.listen = listen;
    this.owner.searching(true);
    this.tellOpenness();
    void this.connect();
    this.ticker = setInterval(() => this.act((engine) => engine.tick(performance.now())), tickMs);
  }

  wake(address: string): void {
    this.act((engine) => engine.wake(address, performance.now()));
  }

  configured(): void {
    this.tellOpenness();
    if (this.session !== null) this.owner.reaches(this.everybody(this.session));
  }

  private tellOpenness(): void {
    const former = this.openness;
    this.openness = this.options.seal.openness;
    if (this.openness !== null && this.openness !== former)
      this.options.news({ kind: 'unsealed', text: this.openness });
  }

  private everybody({ bus }: Session): Everybody {
    return {
      maxBytes: Math.min(mostPieceBytes, bus.maxPayload - sealBytes),
      isEncrypted: this.options.seal.isSealing,
    };
  }

  readonly publish = (bytes: Uint8Array, left: () => void): void => {
    const { session } = this;
    if (session === null) return;
    const { fleet, id } = this.options;
    const subject = `ddns.${fleet.name}.news.${id}.${session.station}`;
    session.bus.publish(subject, session.seal.seal(subject, bytes));
    if (this.leaving === null) void this.flush(session, [left]);
    else this.leaving.push(left);
  };

  /** One question for all that is published while the one before is under way. */
  private async flush({ bus }: Session, left: (() => void)[]): Promise<void> {
    this.leaving = [];
    try {
      await bus.flush();
    } catch {
      // The connection is lost, and everybody is told so.
      left = [];
    }
    const next = this.leaving ?? [];
    this.leaving = null;
    if (this.session?.bus !== bus) return;
    for (const each of left) each();
    if (next.length > 0) void this.flush(this.session, next);
  }

  close(): void {
    if (this.isClosed) return;
    for (const timer of [this.ticker, this.timer]) if (timer !== null) clearTimeout(timer);
    for (const stream of this.streams.values()) stream.destroy();
    this.announce({ kind: 'leaving' });
    this.isClosed = true;
    const { session } = this;
    this.session = null;
    session?.engine.close();
    session?.bus.close();
  }

  private async connect(): Promise<void> {
    const station = randomBytes(stationDigits / 2).toString('hex');
    let bus: Bus | null = null;
    try {
      bus = await this.options.connect({
        message: (subject, payload) => {
          if (this.session?.station === station) this.receive(subject, payload);
        },
        lost: (reason) => {
          if (bus !== null && this.session?.bus === bus) this.lost(reason);
        },
        refused: (text) => this.refusedBy(text),
      });
      if (this.isClosed) bus.close();
      else this.reached(bus, station);
    } catch (error) {
      bus?.close();
      this.notReached((error as Error).message);
    }
  }

  /** A subject that is not allowed is refused with each message: reported once for each connection. */
  private refusedBy(text: string): void {
    const what = text.replaceAll(this.session?.station ?? text, '*');
    if (this.told.has(what) || this.told.size >= maxUnopened) return;
    this.told.add(what);
    this.options.news({ kind: 'refused', text: `NATS refuses: ${text}` });
  }

  private reached(bus: Bus, station: string): void {
    const { fleet, seal } = this.options;
    if (bus.maxPayload < leastPayload)
      throw new Error(`its max_payload is ${bus.maxPayload} bytes; set at least ${leastPayload}`);
    const engine = new BusEngine({
      address: this.listen,
      pieceBytes: Math.min(mostPieceBytes, bus.maxPayload - sealBytes - maxFrameLine),
      linkName: () => randomBytes(linkDigits / 2).toString('hex'),
      random: Math.random,
      wants: (address) => !this.options.isLeftOut(address) && this.owner.wants(address),
    });
    this.session = { bus, station, seal: seal.station(station), engine };
    bus.subscribe(`ddns.${fleet.name}.announce.*.*`);
    bus.subscribe(`ddns.${fleet.name}.news.*.*`);
    bus.subscribe(`ddns.${fleet.name}.link.*.${station}`);
    this.act(() => engine.tick(performance.now()));
    // NATS may end a connection for what is said on it; then `lost` is told why.
    void this.flush(this.session, [() => this.met(bus.server)]);
    this.owner.reaches(this.everybody(this.session));
    this.timer = setTimeout(() => this.owner.searching(false), searchMs);
  }

  /** NATS has taken what was said on the connection so far. */
  private met(server: string): void {
    const { fleet, id, news } = this.options;
    this.attempt = 0;
    this.troubles.clear();
    this.told.clear();
    const text = `meets the other name servers at ${formatFleet(fleet)} (${server}) as ${id}`;
    news({ kind: 'reached', text });
  }

  private lost(reason: string): void {
    const { session } = this;
    this.session = null;
    if (this.attempt === 0) this.options.counters.fleetLost++;
    session?.engine.close();
    session?.bus.close();
    this.streams.clear();
    this.owner.reaches(null);
    if (this.timer !== null) clearTimeout(this.timer);
    if (!this.isClosed) this.notReached(reason);
  }

  /** Each reason is reported once, until NATS is reached. */
  private notReached(reason: string): void {
    if (this.isClosed) return;
    const text = `NATS is not reached at ${formatFleet(this.options.fleet)}: ${reason}`;
    if (!this.troubles.has(text)) {
      this.options.news({ kind: 'lost', text: text + whileLost });
      this.owner.unreached([...this.known], text);
    }
    this.troubles.add(text);
    const pause = backoffMs(this.attempt++, Math.random);
    this.timer = setTimeout(() => void this.connect(), pause);
  }

  private receive(subject: string, payload: Uint8Array): void {
    const [, , kind, ...names] = subject.split('.');
    const [first = '', second = ''] = names;
    if (kind === 'announce') this.receiveAnnouncement(subject, payload, first, second);
    else if (kind === 'news') this.receiveNews(subject, payload, first, second);
    else this.receiveFrame(subject, payload, first);
  }

  private receiveAnnouncement(subject: string, payload: Uint8Array, id: string, station: string) {
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(id) || !isStation(station)) return;
    const opened = this.session?.seal.open(station, subject, payload);
    if (opened === undefined) return;
    if (typeof opened === 'string') {
      this.refuse(id, opened);
      return;
    }
    this.unopened.delete(id);
    const announcement = decodeAnnouncement(opened);
    if (announcement === null) return;
    if (id === this.options.id && announcement.kind === 'here')
      this.reportClone(announcement.address);
    this.act((engine) =>
      announcement.kind === 'leaving'
        ? engine.left(station)
        : engine.heard(id, station, announcement.address, performance.now()),
    );
  }

  private receiveNews(subject: string, payload: Uint8Array, id: string, station: string): void {
    const server = this.session?.engine.at(station);
    // What is lost because its announcement comes later shows as a gap.
    if (server?.id !== id) return;
    const opened = this.session?.seal.open(station, subject, payload);
    if (opened instanceof Uint8Array) this.owner.heard(server.address, id, opened);
  }

  private receiveFrame(subject: string, payload: Uint8Array, station: string): void {
    if (!isStation(station)) return;
    // What cannot be opened is reported by the announcements of the same station.
    const opened = this.session?.seal.open(station, subject, payload);
    const frame = opened instanceof Uint8Array ? decodeFrame(opened) : null;
    if (frame !== null) this.act((engine) => engine.receive(station, frame));
  }

  /** Another server has this one's id; at the address of this one, `BusEngine.heard` tells. */
  private reportClone(address: string): void {
    if (address === this.listen || this.told.has(address)) return;
    if (this.told.size >= maxUnopened) this.told.clear();
    this.told.add(address);
    this.options.counters.peersRefused++;
    this.owner.refused(
      address,
      `has this server's id ${this.options.id}: one database is used by two name servers; start one of them with an empty Database`,
    );
  }

  /** A server cannot be understood; reported once, until it can. */
  private refuse(id: string, why: Unopened): void {
    if (why === 'replayed' || this.unopened.get(id) === why) return;
    // Anybody on a fleet without accounts can invent ids.
    if (this.unopened.size >= maxUnopened) this.unopened.clear();
    this.unopened.set(id, why);
    this.options.counters.peersRefused++;
    this.owner.refused(id, `${unopenedText[why]} in ddns.conf of both name servers`);
  }

  private act(change: (engine: BusEngine) => void): void {
    const { session } = this;
    if (session === null) return;
    change(session.engine);
    if (this.isPerforming) return;
    this.isPerforming = true;
    try {
      for (let effects = session.engine.take(); effects.length > 0; effects = session.engine.take())
        for (const effect of effects) if (this.session === session) this.perform(session, effect);
    } finally {
      this.isPerforming = false;
    }
    if (session.seal.isUsedUp && this.session === session) this.lost('a new key is due');
  }

  private perform({ bus, station, seal, engine }: Session, effect: BusEffect): void {
    const { fleet } = this.options;
    switch (effect.kind) {
      case 'send': {
        const subject = `ddns.${fleet.name}.link.${station}.${effect.to}`;
        bus.publish(subject, seal.seal(subject, encodeFrame(effect.frame)));
        return;
      }
      case 'announce':
        this.announce({ kind: 'here', address: this.listen });
        return;
      case 'found':
        this.known.add(effect.address);
        this.owner.found(effect.address, effect.id);
        return;
      case 'opened': {
        let conversation: Conversation | null = null;
        const stream = this.streamOf(engine, effect.link, () => conversation?.isOpen === true);
        conversation = this.owner.dialled(effect.address, stream);
        if (conversation !== null) return;
        stream.destroy();
        engine.abandon(effect.address);
        return;
      }
      case 'accepted':
        readGreeting(this.streamOf(engine, effect.link), (hello, stream) =>
          this.owner.accepted(hello, stream, effect.address),
        );
        return;
      case 'refused':
        this.owner.refused(effect.address, effect.reason);
    }
  }

  private announce(announcement: Announcement): void {
    const { session } = this;
    if (session === null) return;
    const { fleet, id } = this.options;
    const subject = `ddns.${fleet.name}.announce.${id}.${session.station}`;
    session.bus.publish(subject, session.seal.seal(subject, encodeAnnouncement(announcement)));
  }

  private streamOf(
    engine: BusEngine,
    link: BusLink,
    wasGood: () => boolean = () => false,
  ): BusStream {
    const stream = new BusStream(
      link,
      (change) => this.act(change),
      () => {
        this.streams.delete(link);
        this.act(() => engine.end(link, wasGood()));
      },
      this.options.seal,
    );
    this.streams.set(link, stream);
    return stream;
  }
}

const whileLost =
  '; nodes are served, and nothing is exchanged with other name servers until it is back';

/** Ids that are remembered because they were reported. */
const maxUnopened = 256;

function isStation(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text);
}
