// The library for authors of nodes: createNode returns a DynamoNode to join, read, watch and leave with. The list of
// hosts changes only by the word of name servers and nodes, and by pings. A failure changes nothing, is reported as
// `trouble`, and is retried.
import { randomUUID } from 'node:crypto';
import { EventEmitter, setMaxListeners } from 'node:events';
import { HostNames, type Lookup } from '../host-names.ts';
import { printable } from '../output/printable.ts';
import {
  addressWords,
  formatAddress,
  formatIp,
  packAddress,
  parseAddress,
} from '../protocol/address.ts';
import { namedServer } from '../protocol/server-name.ts';
import { isNodeId, nodeIdRule } from '../protocol/tokens.ts';
import { Bootstrap } from './bootstrap.ts';
import { Changes, type HostsChange } from './changes.ts';
import { type KnownHost, KnownHosts } from './known-hosts.ts';
import { KnownHostsFile } from './known-hosts-file.ts';
import {
  type Network,
  type NodeListener,
  systemTimers,
  type Timers,
  tcpNetwork,
} from './network.ts';
import { answer } from './other-nodes.ts';
import { UdpNetwork } from './udp-network.ts';

export type { HostsChange } from './changes.ts';
export type { Change, KnownHost, Source } from './known-hosts.ts';

/** Default of `ttlMs`, 60 minutes: what name servers use unless their operators chose otherwise. */
export const defaultTtlMs = 3_600_000;

/** Shortest TTL for which the derived intervals make sense, ms. */
const leastTtlMs = 1_000;

/** Longest wait for the list to be written at the end: it takes milliseconds, unless the disk hangs. */
const lastSaveMs = 3_000;

/** Most sentences kept for the error of a failed join. */
const maxTroubles = 20;

/** Options of a node. */
export interface NodeOptions {
  /**
   * `ip:port` on which this node listens and from which it connects; port 0: any free port. With 0.0.0.0 or [::] it
   * listens on all addresses and is registered at the source address of its connections.
   */
  listen: string;
  /**
   * The predefined name servers in the order of preference, each as `ip`, `ip:port`, `name` or `name:port`. A host name
   * must be that of one server; it is resolved again whenever that is asked, and all of its addresses are tried.
   */
  servers: readonly string[];
  /** 1 to 64 letters, digits, `.`, `_` or `-`, kept for the node's life. Default: a random UUID. */
  nodeId?: string;
  /** The file in which the list is kept. Default: in memory only. */
  knownHostsFile?: string;
  /** The network's time to live in milliseconds, at least 1,000. Default: 3,600,000 (60 minutes). */
  ttlMs?: number;
  /**
   * Ask and answer in datagrams (UDP) at the port of `listen`, and over TCP where that gets no answer. The first list is
   * then a sample of some fifty hosts. Default: false, TCP only.
   */
  udp?: boolean;
  /** Clock, timers and chance, for tests. */
  timers?: Timers;
  /** Connections, for simulations. */
  network?: Network;
  /** Finds all addresses of a host name, for tests. Default: as the system does. */
  lookup?: Lookup;
}

/** The events of a node. */
export interface NodeEvents {
  /** The list has changed. */
  hosts: [change: HostsChange];
  /** Something went wrong, from which the node recovers by itself; one printable sentence. */
  trouble: [text: string];
}

/** Neither a name server nor a known node answered; `message` names the failure of each. */
export class NoNameServerError extends Error {
  readonly code = 'no-name-server';

  constructor(message: string) {
    super(message);
    this.name = 'NoNameServerError';
  }
}

/** Creates a node, which does nothing until `join`. @throws RangeError if an option is invalid */
export function createNode(options: NodeOptions): DynamoNode {
  return new DynamoNode(options);
}

/**
 * A node of the network; emits NodeEvents. It listens and connects after `join`. An object joins once and cannot be
 * used again after `leave` or `close`.
 */
export class DynamoNode extends EventEmitter<NodeEvents> {
  readonly nodeId: string;
  private readonly words: Uint32Array;
  private readonly known: KnownHosts;
  private readonly timers: Timers;
  private readonly network: Network;
  private readonly file: KnownHostsFile | null;
  private readonly bootstrap: Bootstrap;
  private readonly stopping = new AbortController();
  private readonly streams = new Set<Changes>();
  private hasBegun = false;
  private listener: NodeListener | null = null;
  private troubles: string[] = [];

  /** @throws RangeError if an option is invalid */
  constructor(options: NodeOptions) {
    super();
    const { listen, servers, nodeId = randomUUID(), ttlMs = defaultTtlMs } = options;
    this.words = parseListen(listen);
    if (!Array.isArray(servers)) throw new RangeError(`servers must be a list of ${serverRule}`);
    // A program in JavaScript may hand in anything.
    if (typeof nodeId !== 'string' || !isNodeId(nodeId))
      throw new RangeError(`nodeId ${printable(String(nodeId))}: must be ${nodeIdRule}`);
    if (typeof ttlMs !== 'number' || !(ttlMs >= leastTtlMs))
      throw new RangeError(`ttlMs ${ttlMs}: must be ${leastTtlMs} or more milliseconds`);
    this.nodeId = nodeId;
    this.timers = options.timers ?? systemTimers;
    const tcp = options.network ?? tcpNetwork(this.timers);
    this.network = options.udp === true ? new UdpNetwork(tcp, this.timers) : tcp;
    this.known = new KnownHosts(ttlMs);
    const onTrouble = (text: string) => this.trouble(text);
    const { knownHostsFile } = options;
    if (knownHostsFile !== undefined && typeof knownHostsFile !== 'string')
      throw new RangeError(`knownHostsFile ${knownHostsFile}: must be the path of a file`);
    this.file = knownHostsFile === undefined ? null : new KnownHostsFile(knownHostsFile, onTrouble);
    const ip = formatIp(this.words, 0);
    this.bootstrap = new Bootstrap({
      nodeId,
      servers: servers.map(parseServer),
      names: new HostNames(options.lookup),
      known: this.known,
      ttlMs,
      // A node that listens on all addresses, of both families, may connect from any.
      localAddress: ip === '::' ? undefined : ip,
      network: this.network,
      timers: this.timers,
      onChange: (change, by, from) => this.changed({ ...change, by, from }),
      onTrouble,
      onRefreshed: () => this.refreshed(),
    });
    // There is a listener for each open connection.
    setMaxListeners(0, this.stopping.signal);
  }

  /** `ip:port` on which it listens; with port 0, the port is known after `join`. */
  get address(): string {
    return formatAddress(this.words, 0);
  }

  /** `ip:port` of the name server that answered last; null: none has, and the node is not registered. */
  get server(): string | null {
    return this.bootstrap.server;
  }

  /**
   * Listens, registers with a name server and receives its list; while none answers, asks known nodes for theirs.
   * Afterwards the list is kept fresh until `leave` or `close`, whatever the outcome.
   *
   * Resolves with true once registered, and with false if only known nodes answered or the node was stopped.
   * Rejects with NoNameServerError if nobody answered, after some ten seconds per server that is down and two minutes
   * per server that is silent (the node keeps trying); with the system's error (`code` EADDRINUSE, EADDRNOTAVAIL,
   * EACCES) if it cannot listen; with the signal's reason if `signal` aborts, and then the node is closed. A rejection
   * that nobody handles does not end the process.
   */
  join({ signal }: { signal?: AbortSignal } = {}): Promise<boolean> {
    const joining = this.begin(signal);
    joining.catch(() => {});
    return joining;
  }

  /** The known hosts, `ip:port` each, without this node. */
  hosts(): string[] {
    return this.known.addresses();
  }

  /** The same, with who named each host, and when it was named and in contact last. */
  knownHosts(): KnownHost[] {
    return this.known.hosts();
  }

  /**
   * Changes of the list from now on, for `for await`; ends when the node stops or `signal` aborts. A reader that is
   * more than 100 changes behind receives the rest as one change.
   */
  changes({ signal }: { signal?: AbortSignal } = {}): AsyncIterableIterator<HostsChange> {
    const end = () => stream.end();
    const stream = new Changes((ended) => {
      this.streams.delete(ended);
      signal?.removeEventListener('abort', end);
    });
    this.streams.add(stream);
    signal?.addEventListener('abort', end);
    if (signal?.aborted || this.stopping.signal.aborted) end();
    return stream;
  }

  /**
   * Sends `leave` to a name server, so that this node is no longer listed, then closes. Takes at most 5 s, and 3 s more
   * if the disk of its file hangs; if `signal` aborts, closes without finishing the good-bye. Never rejects.
   */
  async leave({
    signal = new AbortController().signal,
  }: {
    signal?: AbortSignal;
  } = {}): Promise<void> {
    const isFirst = !this.stopping.signal.aborted;
    this.stopping.abort();
    if (isFirst) await this.bootstrap.leave(signal);
    await this.close();
  }

  /** Stops without `leave`, as a crash would, but writes the list unless the disk hangs. Never rejects. */
  async close(): Promise<void> {
    this.stopping.abort();
    for (const stream of this.streams) stream.end();
    const { listener } = this;
    this.listener = null;
    await listener?.close();
    if (this.hasBegun) await this.saveInTime();
  }

  private async begin(signal: AbortSignal | undefined): Promise<boolean> {
    signal?.throwIfAborted();
    if (this.hasBegun || this.stopping.signal.aborted)
      throw new Error('a node joins once: create another one');
    this.hasBegun = true;
    const abort = () => this.stopping.abort();
    signal?.addEventListener('abort', abort);
    try {
      if (!(await this.listen())) return false;
      const answeredBy = await this.bootstrap.start(this.port, this.stopping.signal);
      if (answeredBy === 'nobody') throw new NoNameServerError(this.troubles.join('; '));
      return answeredBy === 'name-server';
    } finally {
      signal?.removeEventListener('abort', abort);
      if (signal?.aborted) {
        await this.close();
        signal.throwIfAborted();
      }
    }
  }

  /** Listens and reads the file; false if the node was stopped meanwhile. */
  private async listen(): Promise<boolean> {
    const { nodeId, known, timers } = this;
    const onNewcomer = (address: string) => this.bootstrap.tookIn(address);
    this.listener = await this.network.listen(formatIp(this.words, 0), this.port, (request, ip) =>
      answer(request, ip, { nodeId, known, timers, onNewcomer }),
    );
    this.words[addressWords - 1] = this.listener.port;
    known.disown(this.address);
    this.disownOthers();
    for (const host of (await this.file?.read()) ?? []) known.restore(host, timers.now());
    this.troubles = [];
    if (!this.stopping.signal.aborted) return true;
    await this.close();
    return false;
  }

  /** A node that listens on all addresses has one per network, and name servers may know any of them. */
  private disownOthers(): string[] {
    if (!isWildcard(this.words)) return [];
    return (this.network.addresses?.() ?? []).flatMap((ip) => {
      const words = packAddress(ip, this.port);
      if (words === null) return [];
      const address = formatAddress(words, 0);
      return this.known.disown(address) ? [address] : [];
    });
  }

  private refreshed(): Promise<void> {
    // The addresses of this machine may have changed.
    this.changed({ added: [], gone: this.disownOthers(), by: 'expiry', from: null });
    return this.save();
  }

  private changed(change: HostsChange): void {
    if (change.added.length === 0 && change.gone.length === 0) return;
    for (const stream of this.streams) stream.push(change);
    this.notify(() => this.emit('hosts', change));
  }

  private async save(): Promise<void> {
    await this.file?.write(() => this.known.hosts());
  }

  /** Saves the list, but does not wait for a disk that hangs. */
  private async saveInTime(): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.timers.after(lastSaveMs, () => {
        this.trouble(`the list was not written within ${lastSaveMs / 1_000} s and is not kept`);
        resolve();
      });
      void this.save().then(() => {
        cancel();
        resolve();
      });
    });
  }

  private trouble(text: string): void {
    this.troubles.push(text);
    if (this.troubles.length > maxTroubles) this.troubles.shift();
    this.notify(() => this.emit('trouble', text));
  }

  /** A listener that throws must not break a round: its error is thrown outside of it. */
  private notify(emit: () => void): void {
    try {
      emit();
    } catch (error) {
      process.nextTick(() => {
        throw error;
      });
    }
  }

  private get port(): number {
    return this.words[addressWords - 1] as number;
  }
}

function isWildcard(words: Uint32Array): boolean {
  return /^(0\.0\.0\.0|::)$/.test(formatIp(words, 0));
}

/** Packs `ip:port`, where port 0 stands for any free port. @throws RangeError if the text is not an address */
export function parseListen(listen: string): Uint32Array {
  if (typeof listen !== 'string')
    throw new RangeError('listen must be ip:port, as 192.168.0.2:4000; port 0 is any free one');
  const isAnyPort = listen.endsWith(':0');
  const words = parseAddress(isAnyPort ? `${listen.slice(0, -1)}1` : listen);
  if (words === null)
    throw new RangeError(
      `${printable(listen)} is not ip:port, as 192.168.0.2:4000 or [2001:db8::2]:4000`,
    );
  if (isAnyPort) words[addressWords - 1] = 0;
  return words;
}

const serverRule =
  'ip, ip:port, name or name:port, as 192.168.0.1, [2001:db8::1]:4524 or ns.example.org';

/** `ip:port` or `name:port` of a name server given with a port or without. @throws RangeError if it is neither */
export function parseServer(text: string): string {
  if (typeof text !== 'string')
    throw new RangeError(`${printable(String(text))} is not ${serverRule}`);
  if (/^(0\.0\.0\.0|\[?::\]?)(:\d+)?$/.test(text))
    throw new RangeError(`${text} is no address of one server; it must be ${serverRule}`);
  const named = namedServer(text);
  if ('server' in named) return named.server;
  throw new RangeError(
    `${printable(named.mistake)}, as 192.168.0.1, [2001:db8::1]:4524 or ns.example.org`,
  );
}
