// The node's dealings with the network, round by round: asks the name servers, known nodes while none
// of those answers, says that it lives, and pings hosts that nobody vouches for any more. Every
// interval derives from the time to live. A round that brings nothing changes nothing.
import { AddressList } from '../protocol/address.ts';
import type { Request } from '../protocol/message.ts';
import { maxHaveSent } from '../protocol/native-request.ts';
import { type Change, type KnownHosts, tombstoneMs } from './known-hosts.ts';
import { type Answered, NameServers } from './name-servers.ts';
import { jittered, type List, type Network, type Timers } from './network.ts';
import { KnownNodes } from './other-nodes.ts';

/** Shares of the time to live; in brackets, of 60 minutes. */
const intervals = {
  /** Deltas cost their changes only; a list is then about as fresh as nodes come and go (5 min). */
  refresh: 1 / 12,
  /** Two may get lost (20 min). */
  alive: 1 / 3,
  /** After a round in which no name server answered, doubled each time up to `refresh` (30 s). */
  retry: 1 / 120,
  /** Pings of hosts that nobody vouches for any more (1 min). */
  expiry: 1 / 60,
} as const;

/**
 * A name server that says nothing for as long is probably away: known nodes are asked meanwhile. In
 * this time a server refuses four attempts.
 */
const meanwhileMs = 3_000;

/** Whoever stops a node waits for it; the time to live does what was left unsaid. */
const leaveDeadlineMs = 5_000;

/** How long one name server may take to say good-bye to. */
const goodbyeMs = 2_500;

/** Share by which each interval varies; retries more, since outages end for all at once. */
const jitter = 0.05;
const retryJitter = 0.25;

/** Lists in a row that may be `partial`, each going on where the one before ended. */
const maxContinuations = 1_000;

/** Hosts pinged in one round, and of those at a time. */
const maxPings = 32;
const maxPingsAtOnce = 8;
const pingMs = 5_000;

export type Heard = 'name-server' | 'node' | 'nobody' | 'stopped';

export interface BootstrapOptions {
  nodeId: string;
  /** `ip:port` each, in the order of preference */
  servers: readonly string[];
  known: KnownHosts;
  ttlMs: number;
  localAddress: string | undefined;
  network: Network;
  timers: Timers;
  onChange(change: Change, by: 'name-server' | 'node' | 'expiry', from: string | null): void;
  onTrouble(text: string): void;
  /** After each round: what it brought is worth keeping. */
  onRefreshed(): void;
}

/** Where a server's list ended, and when. */
interface Position {
  server: string;
  cursor: string;
  at: number;
}

export class Bootstrap {
  /** The name server that answered last. */
  server: string | null = null;
  private readonly options: BootstrapOptions;
  private readonly servers: NameServers;
  private readonly nodes: KnownNodes;
  /**
   * Of the list as it is: null once anybody else has changed it. A server's changes since a cursor do
   * not undo what another one, cut off from it, called gone, nor what a node named that left before.
   */
  private position: Position | null = null;
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
        if (change.added.length > 0) this.position = null;
        options.onChange(change, 'node', address);
      },
    });
  }

  /** The first round; others follow until `signal` aborts. `port` is where this node listens. */
  start(port: number, signal: AbortSignal): Promise<Heard> {
    this.port = port;
    this.signal = signal;
    signal.addEventListener('abort', () => {
      for (const cancel of this.cancels.values()) cancel();
      this.cancels.clear();
    });
    this.planExpiry();
    return this.refresh();
  }

  /** Says good-bye, to another name server when one does not hear it; at most for 5 s. */
  async leave(signal: AbortSignal): Promise<void> {
    const { servers, timers, network, localAddress, onTrouble } = this.options;
    if (this.server === null) return;
    const deadline = new AbortController();
    const giveUp = () => deadline.abort();
    const cancel = timers.after(leaveDeadlineMs, giveUp);
    signal.addEventListener('abort', giveUp);
    if (signal.aborted) giveUp();
    for (const server of new Set([this.server, ...servers])) {
      if (deadline.signal.aborted) break;
      const limits = { deadlineMs: goodbyeMs, signal: deadline.signal, localAddress };
      const outcome = await network.exchange(server, this.identified('leave'), limits);
      if (outcome.kind === 'ok') break;
      const why = outcome.kind === 'failed' ? outcome.reason : outcome.kind;
      onTrouble(`${server}: leave: ${why}`);
    }
    cancel();
    signal.removeEventListener('abort', giveUp);
  }

  /** One round. Plans the next one, whatever comes of it. */
  private async refresh(): Promise<Heard> {
    const heard = await this.hear();
    if (this.signal.aborted) return 'stopped';
    const { ttlMs, onRefreshed } = this.options;
    if (heard === 'name-server') {
      this.failedRounds = 0;
      this.plan('refresh', ttlMs * intervals.refresh, jitter, () => this.refresh());
    } else {
      const retryMs =
        ttlMs * Math.min(intervals.refresh, intervals.retry * 2 ** this.failedRounds++);
      this.plan('refresh', retryMs, retryJitter, () => this.refresh());
    }
    onRefreshed();
    return heard;
  }

  private async hear(): Promise<Heard> {
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
    // What nodes would still say is worth less than what is here now.
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

  /** Applies an answer to a query; `continue` when the same server has more. */
  private take({ server, outcome }: Answered): 'done' | 'continue' | 'failed' {
    if (outcome.kind === 'error') {
      const { hosts } = outcome;
      this.apply(server, { hosts, gone: new AddressList(), extent: 'partial' }, null);
    }
    if (outcome.kind !== 'list') return 'failed';
    const { timers, known } = this.options;
    const now = timers.now();
    const before = this.positionAt(server);
    const toldAll = known.size <= maxHaveSent;
    const vouchedSince = before?.at ?? (toldAll ? now - tombstoneMs : null);
    this.server = server;
    this.apply(server, outcome, vouchedSince);
    this.plan('alive', this.options.ttlMs * intervals.alive, jitter, () => this.sayAlive());
    // Without a cursor in the question, a partial list is a sample, which does not go on.
    const goesOn = outcome.extent === 'partial' && before !== null;
    this.position = { server, cursor: outcome.cursor, at: goesOn ? before.at : now };
    return goesOn && before.cursor !== outcome.cursor ? 'continue' : 'done';
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

  /** Every list counts as contact, so this is only said when none was asked for or came for long. */
  private async sayAlive(): Promise<void> {
    await this.servers.ask(() => this.identified('alive'), this.signal);
    this.plan('alive', this.options.ttlMs * intervals.alive, jitter, () => this.sayAlive());
  }

  private planExpiry(): void {
    this.plan('expiry', this.options.ttlMs * intervals.expiry, jitter, () => this.expire());
  }

  /** Pings hosts that are due. A round in which nobody was reached proves nothing, and costs nobody. */
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
      // The first nodes answer no ping; that they accept the connection is their answer.
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
