// Dials one peer for as long as the daemon runs: one connection at a time, and after each that failed or ended a
// random pause that grows. With a secret, a connection counts as connected after its TLS handshake.
import { connect, isIP, type Socket } from 'node:net';
import { formatIp, parseAddress } from '../../shared/protocol/address.ts';
import { backoffMs } from '../core/timing/timing.ts';
import {
  connectTimeout,
  connectTrouble,
  dialTimeout,
  dialTrouble,
} from '../net/connection-trouble.ts';
import type { SecureChannel } from '../net/secure-channel.ts';

/** For accepting and for the TLS handshake together: a peer that takes longer is as good as down. */
const connectTimeoutMs = 3_000;

/** Failures in a row before the first report: a server that is just starting listens by then. */
const failuresReported = 3;

/** The peer to dial, and its listener. */
export interface DialerOptions {
  /** `ip:port` */
  address: string;
  /** the local address; undefined: the system chooses */
  from: string | undefined;
  /** TLS; null: there is no secret */
  channel: SecureChannel | null;
  /** The socket, or the TLS socket around it, is connected. The dialer notices its end by itself. */
  connected: (socket: Socket) => void;
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
  private socket: Socket | null = null;
  private timer: NodeJS.Timeout | null = null;
  private attempt = 0;
  /** attempts in a row that did not connect */
  private failures = 0;
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
    this.socket?.destroy();
  }

  private dial(): void {
    if (this.isClosed) return;
    const words = parseAddress(this.address);
    if (words === null) throw new RangeError(`not an address: ${this.address}`);
    const { from } = this.options;
    const host = formatIp(words, 0);
    const socket = connect({
      host,
      port: words[4] as number,
      // Without a secret, peers recognise this server by its address.
      localAddress: from !== undefined && isIP(from) === isIP(host) ? from : undefined,
      noDelay: true,
    });
    this.socket = socket;
    const timeoutMs = this.options.timeoutMs ?? connectTimeoutMs;
    let isShaking = false;
    let isConnected = false;
    const timeout = setTimeout(() => {
      if (isShaking) this.options.refused(dialTimeout(timeoutMs));
      else this.unreached(connectTimeout(timeoutMs));
      isShaking = false;
      socket.destroy();
    }, timeoutMs);
    const connected = (ready: Socket) => {
      isShaking = false;
      clearTimeout(timeout);
      this.options.connected(ready);
    };
    socket.on('error', (error) => {
      if (!isConnected) this.unreached(connectTrouble(error));
    });
    socket.on('connect', () => {
      isConnected = true;
      this.failures = 0;
      const { channel } = this.options;
      if (channel === null) {
        connected(socket);
        return;
      }
      isShaking = true;
      const secured = channel.dial(socket);
      secured.once('secureConnect', () => connected(secured));
      secured.on('error', (error) => {
        if (isShaking && !this.isClosed) this.options.refused(dialTrouble(error));
        isShaking = false;
      });
    });
    socket.on('close', () => {
      clearTimeout(timeout);
      this.ended();
    });
  }

  private unreached(reason: string): void {
    if (!this.isClosed && ++this.failures >= failuresReported) this.options.refused(reason);
  }

  private ended(): void {
    this.socket = null;
    if (this.isClosed) return;
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
