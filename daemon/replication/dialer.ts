// Dials one peer for as long as the daemon runs: one connection at a time, and after each that failed or ended a
// random pause that grows. A host name is resolved again each time, and all of its addresses are tried in turn. With a
// secret, a connection counts as connected after its TLS handshake; when the secret changes, the next connection is
// ready before the present one is closed.
import { connect, isIP, type Socket } from 'node:net';
import { formatIp, parseAddress } from '../../shared/protocol/address.ts';
import { backoffMs } from '../core/timing/timing.ts';
import {
  connectTimeout,
  connectTrouble,
  dialTimeout,
  dialTrouble,
  isUnknownIdentity,
} from '../net/connection-trouble.ts';
import type { SecureChannel } from '../net/secure-channel.ts';

/** For accepting and for the TLS handshake together: a peer that takes longer is as good as down. */
const connectTimeoutMs = 3_000;

/** Failures in a row before the first report: a server that is just starting listens by then. */
const failuresReported = 3;

/** The peer to dial, and its listener. */
export interface DialerOptions {
  /** as configured, `ip:port` or `name:port` */
  address: string;
  /** `ip:port` of each address that it has now, at least one. Rejects with a reason for operators. */
  resolve: (address: string) => Promise<readonly string[]>;
  /** Where it will be dialled, the likeliest first. */
  resolved: (addresses: readonly string[]) => void;
  /** the local address; undefined: the system chooses */
  from: string | undefined;
  channel: SecureChannel;
  /** The socket, or the TLS socket around it, is connected, instead of `former`. The dialer notices its end by itself. */
  connected: (socket: Socket, former: Socket | null) => void;
  /** Connecting failed several times, or the TLS handshake failed; `reason` is for operators. */
  refused: (reason: string) => void;
  /** Whether the connection that just ended was of use: then the pauses start over. */
  wasGood: () => boolean;
  /** instead of `connectTimeoutMs` */
  timeoutMs?: number;
}

/** Keeps one connection to one peer open, from `start` to `close`. */
export class Dialer {
  readonly address: string;
  private readonly options: DialerOptions;
  /** connected, and what is above it: the TLS socket, or itself */
  private present: { socket: Socket; ready: Socket } | null = null;
  /** connecting, or shaking hands */
  private next: Socket | null = null;
  private isDialling = false;
  /** the peer does not know the names of two keys */
  private isPlain = false;
  private timer: NodeJS.Timeout | null = null;
  private attempt = 0;
  /** attempts in a row that did not connect */
  private failures = 0;
  /** where the latest connection that was of use led to, and the latest that was not */
  private good: string | null = null;
  private bad: string | null = null;
  private isClosed = false;

  constructor(options: DialerOptions) {
    this.address = options.address;
    this.options = options;
  }

  start(): void {
    this.dial();
  }

  /** Dials now instead of after the pause: the peer has just connected here, so it runs. */
  wake(): void {
    if (this.timer === null) return;
    clearTimeout(this.timer);
    this.timer = null;
    this.dial();
  }

  close(): void {
    this.isClosed = true;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.present?.socket.destroy();
    this.next?.destroy();
  }

  /** The secret has changed: connects with the new one. Only a connection whose secret is void closes before. */
  renew(): void {
    const { channel } = this.options;
    this.isPlain = false;
    if (this.isClosed) return;
    if (this.present !== null) {
      if (channel.isCurrent(this.present.ready)) return;
      if (!channel.accepts(this.present.ready)) this.present.socket.destroy();
    }
    if (this.timer !== null) this.wake();
    else if (!this.isDialling) this.dial();
  }

  private dial(): void {
    this.isDialling = true;
    this.options.resolve(this.address).then(
      (addresses) => {
        if (this.isClosed) return;
        const rank = (each: string) => (each === this.good ? 0 : each === this.bad ? 2 : 1);
        const ranked = addresses.toSorted((a, b) => rank(a) - rank(b));
        this.options.resolved(ranked);
        this.connect(ranked, 0);
      },
      (error: Error) => {
        this.unreached(error.message);
        this.isDialling = false;
        this.ended();
      },
    );
  }

  /** Connects to the address of that index, or to one behind it. */
  private connect(addresses: readonly string[], index: number): void {
    const address = addresses[index] as string;
    const words = parseAddress(address);
    if (words === null) throw new RangeError(`not an address: ${address}`);
    const { from } = this.options;
    const isLast = index === addresses.length - 1;
    // The operator knows the peer by its name, but what fails is an address.
    const tried = address === this.address ? '' : ` (${addresses.map(ipOf).join(', ')})`;
    const host = formatIp(words, 0);
    const socket = connect({
      host,
      port: words[4] as number,
      // Without a secret, peers recognise this server by its address.
      localAddress: from !== undefined && isIP(from) === isIP(host) ? from : undefined,
      noDelay: true,
    });
    this.next = socket;
    const timeoutMs = this.options.timeoutMs ?? connectTimeoutMs;
    let isShaking = false;
    let isReached = false;
    let isReady = false;
    const unreached = (reason: string) => {
      if (isLast) this.unreached(reason + tried);
    };
    const timeout = setTimeout(() => {
      if (isShaking) this.options.refused(dialTimeout(timeoutMs) + tried);
      else unreached(connectTimeout(timeoutMs));
      isShaking = false;
      socket.destroy();
    }, timeoutMs);
    const connected = (ready: Socket) => {
      isShaking = false;
      isReady = true;
      clearTimeout(timeout);
      const former = this.present;
      this.present = { socket, ready };
      this.next = null;
      this.isDialling = false;
      this.options.connected(ready, former?.ready ?? null);
      former?.socket.destroy();
      // The secret changed during the handshake.
      this.renew();
    };
    socket.on('error', (error) => {
      if (!isReached) unreached(connectTrouble(error));
    });
    socket.on('connect', () => {
      isReached = true;
      this.failures = 0;
      const { channel } = this.options;
      if (channel.dialsPlain) {
        connected(socket);
        return;
      }
      isShaking = true;
      const secured = channel.dial(socket, this.isPlain);
      secured.once('secureConnect', () => connected(secured));
      secured.on('error', (error) => {
        const wasPlain = this.isPlain;
        this.isPlain = isShaking && !wasPlain && isUnknownIdentity(error);
        if (isShaking && !this.isClosed && !this.isPlain)
          this.options.refused(dialTrouble(error) + tried);
        isShaking = false;
      });
    });
    socket.on('close', () => {
      clearTimeout(timeout);
      const isPresent = this.present?.socket === socket;
      // Another connection has taken its place.
      if (isReady && !isPresent) return;
      if (isPresent) this.present = null;
      if (isPresent && this.options.wasGood()) this.good = address;
      else this.bad = address;
      if (!isReady && !isLast && !this.isClosed) {
        this.connect(addresses, index + 1);
        return;
      }
      if (!isReady) {
        this.next = null;
        this.isDialling = false;
      }
      if (!this.isDialling) this.ended();
    });
  }

  private unreached(reason: string): void {
    if (!this.isClosed && ++this.failures >= failuresReported) this.options.refused(reason);
  }

  private ended(): void {
    if (this.isClosed || this.timer !== null) return;
    if (this.options.wasGood()) this.attempt = 0;
    this.timer = setTimeout(
      () => {
        this.timer = null;
        this.dial();
      },
      backoffMs(this.attempt++, Math.random),
    );
  }
}

function ipOf(address: string): string {
  return address.slice(0, address.lastIndexOf(':'));
}
