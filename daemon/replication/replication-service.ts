// Runs the name server's side of the fleet: dials every peer, lets peers in, and tells the core of
// time, messages and commits. What is said and decided is in core/sync/sync-engine.ts.
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { ListenAddress } from '../../shared/config/interface-address.ts';
import type { PeerStatus } from '../../shared/ipc/status-contract.ts';
import {
  formatAddress,
  formatIp,
  packAddress,
  parseAddress,
} from '../../shared/protocol/address.ts';
import { sourceOf, sourceOfIp } from '../../shared/protocol/address-kind.ts';
import type { Refusal } from '../../shared/protocol/message.ts';
import { decodeMessage } from '../../shared/protocol/sync-decoder.ts';
import type { SyncHello, Verdict } from '../../shared/protocol/sync-message.ts';
import { version } from '../../shared/version.ts';
import { GreediestFirst } from '../core/admission/greediest-first.ts';
import type { OpinionRequest } from '../core/expiry/expiry-effects.ts';
import type { Registry } from '../core/registry/registry.ts';
import type { Counters } from '../core/stats/counters.ts';
import type { History } from '../core/stats/history.ts';
import type { Comparison } from '../core/sync/comparisons.ts';
import { type Membership, membershipTimes } from '../core/sync/membership.ts';
import type { OutboundSession } from '../core/sync/outbound-session.ts';
import type { Session, SyncContext } from '../core/sync/peer-session.ts';
import { SyncEngine } from '../core/sync/sync-engine.ts';
import type { GroupCommit } from '../group-commit.ts';
import type { Logger } from '../log.ts';
import { clocks } from '../machine/clocks.ts';
import type { SecureChannel } from '../net/secure-channel.ts';
import { Dialer } from './dialer.ts';
import { PeerNews } from './peer-news.ts';
import { SyncLink } from './sync-link.ts';

/** How often silence, heartbeats and repairs are looked at; a heartbeat is at most this late. */
const tickMs = 250;

/** Connections from one listed server: one that takes the place of another, and some to spare. */
const linksOfOne = 4;

export interface PeersOptions {
  /** most connections from other name servers at once */
  links: number;
  /** NameServers: `ip:port` each */
  nameServers: readonly string[];
  /** TLS with the network's secret; null when there is none */
  channel: SecureChannel | null;
  /** Advertise; null is the address listened on */
  advertise: string | null;
  identity: { serverId: string; epoch: string };
  /** of `nameServers`; its times are kept up with the TTL here */
  membership: Membership;
  registry: Registry;
  counters: Counters;
  history: History;
  groupCommit: GroupCommit;
  log: Logger;
  load: SyncContext['load'];
  /** Takes a new epoch and stores it. @throws when it cannot be stored */
  renumber: () => string;
  /** A message of a peer arrived. */
  heard: () => void;
  /** What is found here of a host that a peer found dead. */
  judge: (address: string) => Promise<Verdict>;
  /** the address to dial from; undefined lets the system choose */
  from: string | undefined;
}

/** A connection that may become a peer's. */
export interface Welcomed {
  takeOver(socket: Socket): void;
}

export class ReplicationService {
  private readonly options: PeersOptions;
  private readonly context: SyncContext;
  private readonly syncEngine: SyncEngine;
  private readonly dialers: Dialer[];
  private readonly links = new Set<SyncLink>();
  /** those that were dialled elsewhere */
  private readonly incoming = new GreediestFirst<{ source: string; link: SyncLink }>();
  private readonly news: PeerNews;
  private readonly allowed: ReadonlySet<string>;
  /** What was last told of an address in NameServers whose handshakes fail. */
  private readonly failing = new Map<string, string>();
  private ticker: NodeJS.Timeout | null = null;
  private isClosed = false;

  constructor(options: PeersOptions) {
    const { registry, counters, nameServers, identity, groupCommit } = options;
    this.options = options;
    const { log, history } = options;
    this.news = new PeerNews({ log, history, monotonic: () => performance.now() });
    this.allowed = new Set(nameServers.map(ipOf));
    this.context = {
      registry,
      counters,
      membership: options.membership,
      id: identity.serverId,
      run: randomBytes(4).toString('hex'),
      version,
      epoch: identity.epoch,
      listen: '',
      load: options.load,
      commit: () => groupCommit.add(nobody),
      renumber: () => this.renumber(),
      event: (event) => this.news.tell(event),
      judge: (address, give) => void options.judge(address).then(give),
    };
    this.syncEngine = new SyncEngine({ context: this.context, random: Math.random });
    this.dialers = nameServers.map((address) => this.createDialer(address));
  }

  start({ address, port }: ListenAddress): void {
    const listen = packAddress(address, port);
    this.context.listen =
      this.options.advertise ?? (listen === null ? '' : formatAddress(listen, 0));
    const { channel, nameServers, log } = this.options;
    // With a secret whoever has it is let in, also from elsewhere.
    if (this.dialers.length === 0 && channel === null) return;
    if (channel === null)
      log.warn(
        { nameServers, advertise: this.context.listen },
        'sync is neither encrypted nor authenticated: it is accepted from the addresses in NameServers; set the same Secret in ddns.conf of every name server',
      );
    this.ticker = setInterval(() => this.syncEngine.tick(clocks()), tickMs);
    for (const dialer of this.dialers) dialer.start();
  }

  /** Everything that was pending is on the disk. */
  committed(): void {
    this.syncEngine.committed(clocks());
  }

  /** The first line of a connection from `source` began with `sync`: a way in, or why not. */
  greeted(source: string, line: string, isEncrypted: boolean): Welcomed | Refusal {
    const refusal = this.refusalOf(source, isEncrypted);
    const hello = decodeMessage(line);
    if (refusal !== null) return refusal;
    if (hello?.kind !== 'hello') return { code: 'malformed', text: 'sync must begin with a hello' };
    return { takeOver: (socket) => this.accept(socket, source, hello) };
  }

  /** The load that `load` tells of has changed so much that peers must know now. */
  announceLoad(): void {
    this.syncEngine.announceLoad(clocks());
  }

  get membership(): Membership {
    return this.context.membership;
  }

  /** Where the server with that id is reached; this one is among them. */
  addressOf(id: string): string | null {
    if (id === this.context.id) return this.context.listen;
    return this.membership.peers.find((peer) => peer.id === id)?.address ?? null;
  }

  participants(): string[] {
    return this.syncEngine.participants(performance.now());
  }

  isCatchingUp(): boolean {
    return this.syncEngine.isCatchingUp(performance.now());
  }

  configure(ttlMs: number): void {
    this.membership.times = membershipTimes(ttlMs);
  }

  ask({ server, address }: OpinionRequest, given: (verdict: Verdict) => void): void {
    this.syncEngine.ask(server, address, given);
  }

  /** Compares with the peer at `address` now; null: there is no connection to it. */
  compare(address: string): Promise<Comparison> | null {
    let isOpen = false;
    const ended = new Promise<Comparison>((resolve) => {
      isOpen = this.syncEngine.compare(address, clocks(), resolve);
    });
    return isOpen ? ended : null;
  }

  view(): PeerStatus[] {
    return this.syncEngine.view(performance.now());
  }

  close(): void {
    this.isClosed = true;
    if (this.ticker !== null) clearInterval(this.ticker);
    for (const dialer of this.dialers) dialer.close();
    for (const link of this.links) link.close();
  }

  /**
   * A TLS handshake from `source` failed: told once, until it succeeds or fails otherwise. False: it
   * comes from none of the name servers.
   */
  handshakeFailed(source: string, reason: string): boolean {
    if (!this.isListed(source)) return false;
    this.options.counters.peersRefused++;
    if (this.failing.get(source) !== reason)
      this.news.tell({ kind: 'refused', address: source, text: `is refused: ${reason}` });
    this.failing.set(source, reason);
    return true;
  }

  private isListed(source: string): boolean {
    const words = packAddress(source, 1);
    return words !== null && this.allowed.has(formatIp(words, 0));
  }

  private refusalOf(source: string, isEncrypted: boolean): Refusal | null {
    const mustEncrypt = this.options.channel !== null;
    if (mustEncrypt ? isEncrypted : this.isListed(source)) return null;
    this.options.counters.peersRefused++;
    if (mustEncrypt)
      return {
        code: 'not-a-peer',
        text: 'sync must be encrypted here: set the same Secret in ddns.conf of both name servers',
      };
    return {
      code: 'not-a-peer',
      text: `${source} is not in NameServers here; add it to ddns.conf of both name servers`,
    };
  }

  private accept(socket: Socket, source: string, hello: SyncHello): void {
    this.failing.delete(source);
    const link = this.link(socket, source, () => session);
    this.count(socket, source, link);
    const listen = parseAddress(hello.listen);
    // Who listens on every address is reached at the one it came from.
    const isWildcard = listen !== null && /^(0\.0\.0\.0|::)$/.test(formatIp(listen, 0));
    const from = isWildcard ? packAddress(source, listen[4] as number) : listen;
    const known = { ...hello, listen: from === null ? hello.listen : formatAddress(from, 0) };
    const accepted = this.syncEngine.accepted(known, link, clocks(), !isWildcard);
    let session: Session | null = null;
    if ('code' in accepted) {
      this.options.counters.peersRefused++;
      this.news.tell({ kind: 'refused', address: source, text: accepted.text });
      link.send({ kind: 'error', ...accepted });
      link.finish();
      return;
    }
    session = accepted;
    for (const dialer of this.dialers) if (dialer.address === known.listen) dialer.wake();
  }

  /** Another connection from `source`, which may be one too many: the longest gives way. */
  private count(socket: Socket, from: string, link: SyncLink): void {
    const { incoming, options } = this;
    const source = sourceOfIp(from);
    const own = { source, link };
    const isThere = (address: string) => sourceOf(parseAddress(address) as Uint32Array) === source;
    const listed = options.nameServers.filter(isThere).length;
    const longest =
      incoming.of(source) >= linksOfOne * Math.max(1, listed)
        ? incoming.firstOf(source)
        : incoming.size >= options.links
          ? incoming.first()
          : undefined;
    if (longest !== undefined) {
      incoming.delete(longest);
      longest.link.close();
      options.counters.peersRefused++;
      const text = 'opens more connections than a name server needs: its longest was closed';
      this.news.tell({ kind: 'refused', address: longest.source, text });
    }
    incoming.add(own);
    socket.once('close', () => incoming.delete(own));
  }

  private createDialer(address: string): Dialer {
    let session: OutboundSession | null = null;
    const dialer: Dialer = new Dialer({
      address,
      from: this.options.from,
      channel: this.options.channel,
      refused: (reason) => this.peerRefuses(address, reason),
      connected: (socket) => {
        session = null;
        const link = this.link(socket, address, () => session);
        session = this.syncEngine.dialled(address, link, clocks());
        // It turned out to be this server itself.
        if (session === null) dialer.close();
      },
      wasGood: () => session?.isOpen === true,
    });
    return dialer;
  }

  /** Told once, until it is another reason or none. */
  private peerRefuses(address: string, reason: string): void {
    const peer = this.membership.at(address);
    if (peer === null || peer.trouble === reason) return;
    peer.trouble = reason;
    this.news.tell({ kind: 'refused', address, text: reason });
  }

  private link(socket: Socket, address: string, session: () => Session | null): SyncLink {
    const disconnected = (text: string) => {
      const peer = this.membership.at(address);
      if (peer !== null) peer.trouble = text;
      this.news.tell({ kind: 'refused', address, text });
      session()?.end();
    };
    const link: SyncLink = new SyncLink(socket, {
      message: (message) => {
        this.options.heard();
        session()?.receive(message, clocks());
      },
      refused: (text) => {
        this.options.counters.malformed++;
        disconnected(
          `sent ${text}; run the same version of ddnsd on both, and nothing else on its port`,
        );
      },
      stuck: (bytes) =>
        disconnected(
          `takes nothing of what is sent to it: ${bytes >> 20} MiB wait, so the connection was closed; look at its load and the network between`,
        ),
      closed: () => {
        this.links.delete(link);
        const ended = session();
        if (ended !== null && !this.isClosed) this.syncEngine.closed(ended);
      },
    });
    this.links.add(link);
    return link;
  }

  private renumber(): string | null {
    try {
      return this.options.renumber();
    } catch (error) {
      this.options.log.error({ err: error }, 'a new epoch could not be stored');
      return null;
    }
  }
}

/** A commit that nobody waits for. */
const nobody = { release: () => {} };

function ipOf(address: string): string {
  const words = parseAddress(address);
  if (words === null) throw new RangeError(`not an address: ${address}`);
  return formatIp(words, 0);
}
