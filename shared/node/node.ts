// The node's engine: joins through the name servers, keeps the list of hosts fresh for as long as
// it runs, and leaves. The list only ever changes by what a name server said; a server that fails
// changes nothing.
import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { printable } from '../printable.ts';
import {
  AddressList,
  addressWords,
  formatAddress,
  formatIp,
  parseAddress,
} from '../protocol/address.ts';
import type { Request } from '../protocol/message.ts';
import { maxHaveSent } from '../protocol/native-request-encoder.ts';
import { exchange } from './exchange.ts';
import { type Change, KnownHosts } from './known-hosts.ts';
import { type Answered, NameServers } from './name-servers.ts';
import { PingAnswerer } from './ping-answerer.ts';
import { jittered, systemTimers, type Timers } from './timers.ts';

/** Deltas cost their changes only; five minutes keep a list about as fresh as nodes come and go. */
const refreshMs = 5 * 60_000;

/** Three in a time to live of 60 minutes: two may get lost. */
const aliveMs = 20 * 60_000;

/** After a round in which no name server answered. */
const retryMs = 30_000;

/** Whoever stops a node waits for it; the time to live does what was left unsaid. */
const leaveDeadlineMs = 3_000;

/** Share by which each interval varies. */
const jitter = 0.05;

/** Sentences kept for the error of a join that failed. */
const maxTroubles = 20;

/** Lists in a row that may be `partial`, each going on where the one before ended. */
const maxContinuations = 1_000;

export interface NodeOptions {
  /** Where this node listens and connects from, `ip:port`; port 0: any free one. */
  listen: string;
  /** The predefined name servers, `ip:port` each, in the order of preference. */
  servers: readonly string[];
  /** Default: a random UUID. */
  nodeId?: string;
  /** The list is read from and kept in this file. Default: in memory only. */
  knownHostsFile?: string;
  timers?: Timers;
}

export interface NodeEvents {
  /** The list has changed, by what `server` said. */
  hosts: [change: Change & { server: string }];
  /** Something went wrong that the node gets over by itself; printable. */
  trouble: [text: string];
}

/** No name server answered; `message` says what each did. */
export class NoNameServerError extends Error {
  readonly code = 'no-name-server';

  constructor(message: string) {
    super(message);
    this.name = 'NoNameServerError';
  }
}

export function createNode(options: NodeOptions): DynamoNode {
  return new DynamoNode(options);
}

/** Emits NodeEvents. One object joins once; after `leave` or `close` it is done. */
export class DynamoNode extends EventEmitter<NodeEvents> {
  readonly nodeId: string;
  /** Where it listens; the port is known after `join` when any free one was asked for. */
  get address(): string {
    return formatAddress(this.words, 0);
  }
  /** The name server that answered last. */
  server: string | null = null;

  private readonly timers: Timers;
  private readonly file: string | null;
  private readonly words: Uint32Array;
  private readonly localAddress: string | undefined;
  private readonly known = new KnownHosts();
  private readonly servers: NameServers;
  private readonly answerer: PingAnswerer;
  private readonly stopping = new AbortController();
  private readonly cursors = new Map<string, string>();
  private troubles: string[] = [];
  private cancelRefresh = () => {};
  private cancelAlive = () => {};
  private writing: Promise<void> = Promise.resolve();

  /** @throws RangeError when `listen` or a server is no address */
  constructor({ listen, servers, nodeId, knownHostsFile, timers }: NodeOptions) {
    super();
    this.words = parseListen(listen);
    const ip = formatIp(this.words, 0);
    // Listening everywhere says nothing about where to connect from.
    this.localAddress = ip === '0.0.0.0' || ip === '::' ? undefined : ip;
    this.nodeId = nodeId ?? randomUUID();
    this.file = knownHostsFile ?? null;
    this.timers = timers ?? systemTimers;
    this.servers = new NameServers({
      servers: AddressList.of(...servers).toTexts(),
      localAddress: this.localAddress,
      timers: this.timers,
      onTrouble: (text) => this.trouble(text),
    });
    this.answerer = new PingAnswerer(this.nodeId);
  }

  /**
   * Listens, then registers with a name server and gets its list. From then on the list is kept
   * fresh until `leave` or `close`, also when this rejects with a NoNameServerError: the node goes
   * on trying. False: it was told to stop meanwhile.
   * @throws the socket's error when it cannot listen; NoNameServerError
   */
  async join(): Promise<boolean> {
    const port = this.words[addressWords - 1] as number;
    this.words[addressWords - 1] = await this.answerer.listen(formatIp(this.words, 0), port);
    this.known.own = this.address;
    if (this.file !== null) {
      const trouble = await this.known.read(this.file);
      if (trouble !== null) this.trouble(trouble);
    }
    this.troubles = [];
    if (await this.refresh()) return true;
    if (this.stopping.signal.aborted) return false;
    throw new NoNameServerError(this.troubles.join('; '));
  }

  /** The known hosts, `ip:port` each, without this node. */
  hosts(): string[] {
    return this.known.texts();
  }

  /** Says good-bye to the name server, so that nobody is sent here any more, then closes. */
  async leave(): Promise<void> {
    const { server, timers, localAddress } = this;
    this.stop();
    if (server !== null) {
      const deadline = new AbortController();
      const { signal } = deadline;
      const cancel = timers.after(leaveDeadlineMs, () => deadline.abort());
      const request = this.identified('leave');
      const outcome = await exchange(server, request, { timers, localAddress, signal });
      cancel();
      if (outcome.kind === 'failed') this.trouble(`${server}: leave: ${outcome.reason}`);
      else if (outcome.kind !== 'ok') this.trouble(`${server}: leave: ${outcome.kind}`);
    }
    await this.close();
  }

  /** Stops without a word, as a crash would, but with the list written. */
  async close(): Promise<void> {
    this.stop();
    await this.answerer.close();
    await this.writing;
  }

  private stop(): void {
    this.stopping.abort();
    this.cancelRefresh();
    this.cancelAlive();
  }

  /** Whether a name server answered. Plans the next round either way. */
  private async refresh(): Promise<boolean> {
    const { signal } = this.stopping;
    let next: 'done' | 'continue' | 'failed' = 'continue';
    for (let round = 0; round < maxContinuations && next === 'continue'; round++) {
      const answered = await this.servers.ask((server, hop) => this.query(server, hop), signal);
      if (signal.aborted) return false;
      next = answered === null ? 'failed' : this.take(answered);
    }
    const isJoined = next !== 'failed';
    this.cancelRefresh();
    this.cancelRefresh = this.timers.after(
      jittered(isJoined ? refreshMs : retryMs, jitter, this.timers),
      () => void this.refresh(),
    );
    return isJoined;
  }

  /** Applies an answer to a query; `continue` when the same server has more. */
  private take({ server, outcome }: Answered): 'done' | 'continue' | 'failed' {
    if (outcome.kind === 'error') this.apply(server, outcome.hosts, new AddressList(), false);
    if (outcome.kind !== 'list') return 'failed';
    const before = this.cursors.get(server);
    this.cursors.set(server, outcome.cursor);
    this.server = server;
    this.apply(server, outcome.hosts, outcome.gone, outcome.extent === 'full');
    this.planAlive();
    // Without a cursor in the question, a partial list is a sample, which does not go on.
    const goesOn = outcome.extent === 'partial' && before !== undefined;
    return goesOn && before !== outcome.cursor ? 'continue' : 'done';
  }

  private apply(server: string, hosts: AddressList, gone: AddressList, replaces: boolean): void {
    const change = this.known.apply(hosts, gone, replaces);
    if (change.added.length === 0 && change.gone.length === 0) return;
    this.emit('hosts', { ...change, server });
    const { file } = this;
    if (file === null) return;
    this.writing = this.writing
      .then(() => this.known.write(file))
      .catch((error: Error) => this.trouble(`${file}: ${error.message}; the list is not kept`));
  }

  private planAlive(): void {
    this.cancelAlive();
    this.cancelAlive = this.timers.after(
      jittered(aliveMs, jitter, this.timers),
      () => void this.sayAlive(),
    );
  }

  /** Every answer counts as contact, so this is only said when no query got through for long. */
  private async sayAlive(): Promise<void> {
    await this.servers.ask(() => this.identified('alive'), this.stopping.signal);
    if (!this.stopping.signal.aborted) this.planAlive();
  }

  private query(server: string, hop: number): Request {
    const { nodeId } = this;
    const since = this.cursors.get(server) ?? null;
    return {
      ...{ verb: 'query', nodeId, port: this.port, limit: null, hop },
      since,
      have: since === null && this.known.size > 0 ? this.have() : null,
    };
  }

  private have(): AddressList {
    return AddressList.of(...this.known.texts().slice(0, maxHaveSent));
  }

  private identified(verb: 'alive' | 'leave'): Request {
    return { verb, nodeId: this.nodeId, port: this.port };
  }

  private get port(): number {
    return this.words[addressWords - 1] as number;
  }

  private trouble(text: string): void {
    this.troubles.push(text);
    if (this.troubles.length > maxTroubles) this.troubles.shift();
    this.emit('trouble', text);
  }
}

/**
 * `ip:port` packed, where port 0 stands for any free one.
 * @throws RangeError
 */
export function parseListen(listen: string): Uint32Array {
  const isAnyPort = listen.endsWith(':0');
  const words = parseAddress(isAnyPort ? `${listen.slice(0, -1)}1` : listen);
  if (words === null)
    throw new RangeError(
      `${printable(listen)} is not ip:port, as 192.168.0.2:4000 or [2001:db8::2]:4000`,
    );
  if (isAnyPort) words[addressWords - 1] = 0;
  return words;
}
