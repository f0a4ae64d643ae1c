// The node's rounds: asks the name servers, or known nodes while none of them answers, says that it is alive,
// and pings hosts that nobody has named for the time to live. Every interval derives from the TTL. A round
// without an answer changes nothing.
import type { HostNames } from '../host-names.ts';
import { AddressList } from '../protocol/address.ts';
import type { Request } from '../protocol/message.ts';
import { maxHaveSent } from '../protocol/native-request.ts';
import { type Change, type KnownHosts, tombstoneMs } from './known-hosts.ts';
import { type Answered, NameServers } from './name-servers.ts';
import { jittered, type List, type Network, type Timers } from './network.ts';
import { KnownNodes } from './other-nodes.ts';

/** Shares of the TTL; in brackets, for a TTL of 60 minutes. */
const intervals = {
  /** A delta costs its changes only, so the list can be about as fresh as nodes come and go (5 min). */
  refresh: 1 / 12,
  /** Two of them may get lost (20 min). */
  alive: 1 / 3,
  /** After a round without an answer from a name server; doubles each time, up to `refresh` (30 s). */
  retry: 1 / 120,
  /** Between rounds of pings of hosts that nobody has named for the TTL (1 min). */
  expiry: 1 / 60,
} as const;

/** After this long without an answer the name server is probably down: known nodes are asked meanwhile. */
const meanwhileMs = 3_000;

/** Longest good-bye, because somebody waits for the node to stop. Without one, the TTL removes the host. */
const leaveDeadlineMs = 5_000;

/** Longest good-bye to one name server. */
const goodbyeMs = 2_500;

/** Share by which each interval varies. Retries vary more, because an outage ends for all nodes at once. */
const jitter = 0.05;
const retryJitter = 0.25;

/** Most `partial` lists in a row, each continuing where the one before ended. */
const maxContinuations = 1_000;

/** Hosts pinged per round, and at the same time. */
const maxPings = 32;
const maxPingsAtOnce = 8;
const pingMs = 5_000;

/** Which side answered in a round; `stopped`: the node was stopped meanwhile. */
export type AnsweredBy = 'name-server' | 'node' | 'nobody' | 'stopped';

/** What the rounds need. */
export interface BootstrapOptions {
  nodeId: string;
  /** `ip:port` or `name:port` each, in the order of preference */
  servers: readonly string[];
  /** looks up the host names among them */
  names: HostNames;
  known: KnownHosts;
  ttlMs: number;
  localAddress: string | undefined;
  network: Network;
  timers: Timers;
  onChange(change: Change, by: 'name-server' | 'node' | 'expiry', from: string | null): void;
  onTrouble(text: string): void;
  /** called after each round, when the list is worth saving */
  onRefreshed(): void;
}

/** How far a server's list reaches, and when it was received. */
interface Position {
  server: string;
  cursor: string;
  at: number;
}

/** The rounds of one node. */
export class Bootstrap {
  /** `ip:port` of the name server that answered last; null: none has */
  server: string | null = null;
  private readonly options: BootstrapOptions;
  private readonly servers: NameServers;
  private readonly nodes: KnownNodes;
  /**
   * The position of the list; null once another server or a node has changed the list. A server's changes since
   * a cursor neither restore a host that another server called gone, nor remove one that a node named too late.
   */
  private position: Position | null = null;
  /** a node has changed the list since the query that is under way */
  private isChanged = false;
  private readonly cancels = new Map<'refresh' | 'alive' | 'expiry', () => void>();
  private signal: AbortSignal = AbortSignal.abort();
  private port = 0;
  private failedRounds = 0;

  constructor(options: BootstrapOptions) {
    this.options = options;
    this.servers = new NameServers(options);
    this.nodes = new KnownNodes({
      ...options,
      firstPauseMs: options.ttlMs * intervals.retry,
      onList: (address, { hosts }) => {
        const change = options.known.applyHearsay(address, hosts, options.timers.now());
        if (change.added.length > 0) this.losePosition();
        options.onChange(change, 'node', address);
      },
    });
  }

  /** A node has asked this one, and is in the list from now on. */
  tookIn(address: string): void {
    this.losePosition();
    this.options.onChange({ added: [address], gone: [] }, 'node', address);
  }

  /** A node has changed the list. */
  private losePosition(): void {
    this.position = null;
    this.isChanged = true;
  }

  /** Runs the first round; others follow until `signal` aborts. `port` is the one this node listens on. */
  start(port: number, signal: AbortSignal): Promise<AnsweredBy> {
    this.port = port;
    this.signal = signal;
    signal.addEventListener('abort', () => {
      for (const cancel of this.cancels.values()) cancel();
      this.cancels.clear();
    });
    this.planExpiry();
    return this.refresh();
  }

  /** Sends `leave` to a name server, or to the next one if it does not answer; takes at most 5 s. */
  async leave(signal: AbortSignal): Promise<void> {
    const { servers, timers, network, localAddress, onTrouble } = this.options;
    if (this.server === null) return;
    const deadline = new AbortController();
    const giveUp = () => deadline.abort();
    const cancel = timers.after(leaveDeadlineMs, giveUp);
    signal.addEventListener('abort', giveUp);
    if (signal.aborted) giveUp();
    const limits = { deadlineMs: goodbyeMs, signal: deadline.signal, localAddress };
    const tried = new Set<string>();
    const sayGoodbye = async (server: string) => {
      const addresses = await this.servers.addressesOf(server, deadline.signal).catch(() => []);
      for (const address of addresses) {
        if (deadline.signal.aborted) return true;
        if (tried.has(address)) continue;
        tried.add(address);
        const outcome = await network.exchange(address, this.identified('leave'), limits);
        if (outcome.kind === 'ok') return true;
        const why = outcome.kind === 'failed' ? outcome.reason : outcome.kind;
        onTrouble(`${address}: leave: ${why}`);
      }
      return deadline.signal.aborted;
    };
    for (const server of [this.server, ...servers]) if (await sayGoodbye(server)) break;
    cancel();
    signal.removeEventListener('abort', giveUp);
  }

  /** Runs one round and schedules the next one, whatever the outcome. */
  private async refresh(): Promise<AnsweredBy> {
    const answeredBy = await this.askAll();
    if (this.signal.aborted) return 'stopped';
    const { ttlMs, onRefreshed } = this.options;
    if (answeredBy === 'name-server') {
      this.failedRounds = 0;
      this.plan('refresh', ttlMs * intervals.refresh, jitter, () => this.refresh());
    } else {
      const retryMs =
        ttlMs * Math.min(intervals.refresh, intervals.retry * 2 ** this.failedRounds++);
      this.plan('refresh', retryMs, retryJitter, () => this.refresh());
    }
    onRefreshed();
    return answeredBy;
  }

  private async askAll(): Promise<AnsweredBy> {
    const { timers } = this.options;
    const enough = new AbortController();
    const { signal } = enough;
    const giveUp = () => enough.abort();
    this.signal.addEventListener('abort', giveUp);
    let asking: Promise<boolean> | null = null;
    const askNodes = () => {
      asking ??= this.nodes.ask(this.port, signal);
      return asking;
    };
    const cancel = timers.after(meanwhileMs, () => void askNodes());
    const isAnswered = await this.askServers();
    cancel();
    // The name server's list outranks later answers of nodes.
    if (isAnswered) enough.abort();
    const isAnsweredByNode = !isAnswered && !this.signal.aborted && (await askNodes());
    this.signal.removeEventListener('abort', giveUp);
    if (this.signal.aborted) return 'stopped';
    if (isAnswered) return 'name-server';
    return isAnsweredByNode ? 'node' : 'nobody';
  }

  private async askServers(): Promise<boolean> {
    for (let list = 0; list < maxContinuations; list++) {
      const answered = await this.servers.ask((at, hop) => this.query(at, hop), this.signal);
      if (answered === null || this.signal.aborted) return false;
      const next = this.take(answered);
      if (next !== 'continue') return next === 'done';
    }
    return true;
  }

  /** Applies an answer to a query; `continue`: the same server has more. */
  private take({ server, outcome }: Answered): 'done' | 'continue' | 'failed' {
    if (outcome.kind === 'error') {
      const { hosts } = outcome;
      this.apply(server, { hosts, gone: new AddressList(), extent: 'partial' }, null);
    }
    if (outcome.kind !== 'list') return 'failed';
    const { timers, known } = this.options;
    const now = timers.now();
    const before = this.positionAt(server);
    const namedAll = known.size <= maxHaveSent;
    const vouchedSince = before?.at ?? (namedAll ? now - tombstoneMs : null);
    const isPositionLost = before !== null && outcome.extent === 'unknown-cursor';
    this.server = server;
    this.apply(server, outcome, vouchedSince);
    this.plan('alive', this.options.ttlMs * intervals.alive, jitter, () => this.sayAlive());
    // Without a cursor in the query a partial list is a sample, which has no continuation.
    const goesOn = outcome.extent === 'partial' && before !== null;
    this.position = { server, cursor: outcome.cursor, at: goesOn ? before.at : now };
    if (isPositionLost || this.isChanged) this.position = null;
    return isPositionLost || (goesOn && before.cursor !== outcome.cursor) ? 'continue' : 'done';
  }

  private apply(
    from: string,
    list: Pick<List, 'hosts' | 'gone' | 'extent'>,
    vouchedSince: number | null,
  ): void {
    const { known, timers, onChange } = this.options;
    const { hosts, gone, extent } = list;
    if (this.position?.server !== from) this.position = null;
    const change = known.applyList({ from, hosts, gone, extent, vouchedSince }, timers.now());
    onChange(change, 'name-server', from);
  }

  /** Sends `alive`. Every list is contact too and postpones this, so it is rarely needed. */
  private async sayAlive(): Promise<void> {
    await this.servers.ask(() => this.identified('alive'), this.signal);
    this.plan('alive', this.options.ttlMs * intervals.alive, jitter, () => this.sayAlive());
  }

  private planExpiry(): void {
    this.plan('expiry', this.options.ttlMs * intervals.expiry, jitter, () => this.expire());
  }

  /** Pings the hosts that are due. A round that reached no host proves nothing and removes none. */
  private async expire(): Promise<void> {
    const { known, timers, network, localAddress, onChange } = this.options;
    const due = known.due(maxPings, timers.now());
    const silent: string[] = [];
    let isConnected = false;
    const ping = async (address: string) => {
      const limits = { deadlineMs: pingMs, localAddress, signal: this.signal };
      const outcome = await network.exchange(address, { verb: 'ping' }, limits);
      const reached = outcome.kind === 'failed' ? outcome.reached : 'connection';
      if (reached !== 'nobody') isConnected = true;
      // Legacy nodes do not answer pings: an accepted connection is their answer.
      if (reached === 'connection') known.seen(address, timers.now());
      else silent.push(address);
    };
    const waiting = due.values();
    const lane = async () => {
      for (const address of waiting) if (!this.signal.aborted) await ping(address);
    };
    await Promise.all(Array.from({ length: maxPingsAtOnce }, lane));
    if (this.signal.aborted) return;
    const gone = isConnected ? silent.filter((address) => known.missed(address)) : [];
    onChange({ added: [], gone }, 'expiry', null);
    this.planExpiry();
  }

  private plan(
    what: 'refresh' | 'alive' | 'expiry',
    ms: number,
    share: number,
    run: () => Promise<unknown>,
  ): void {
    this.cancels.get(what)?.();
    if (this.signal.aborted) return;
    const { timers } = this.options;
    this.cancels.set(
      what,
      timers.after(jittered(ms, share, timers), () => void run()),
    );
  }

  private query(server: string, hop: number): Request {
    const { known, nodeId } = this.options;
    this.isChanged = false;
    const since = this.positionAt(server)?.cursor ?? null;
    const have = since === null && known.size > 0;
    return {
      ...{ verb: 'query', nodeId, port: this.port, limit: null, since, hop },
      have: have ? AddressList.of(...known.addresses().slice(0, maxHaveSent)) : null,
    };
  }

  private positionAt(server: string): Position | null {
    return this.position?.server === server ? this.position : null;
  }

  private identified(verb: 'alive' | 'leave'): Request {
    return { verb, nodeId: this.options.nodeId, port: this.port };
  }
}
