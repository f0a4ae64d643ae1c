// Dials one peer for as long as the daemon runs: a connection at a time, and after each that failed
// or ended a pause that grows and is random. With a secret a connection is one inside TLS.
import { connect, isIP, type Socket } from 'node:net';
import { formatIp, parseAddress } from '../../shared/protocol/address.ts';
import { backoffMs } from '../core/timing/timing.ts';
import { connectTimeout, connectTrouble } from '../net/connect-trouble.ts';
import type { SecureChannel } from '../net/secure-channel.ts';
import { dialTimeout, dialTrouble } from '../net/secure-trouble.ts';

/**
 * A peer that takes longer to accept, and to shake hands, is as good as gone; the next attempt may
 * find it better.
 */
const connectTimeoutMs = 3_000;

/** Servers that are started together, or one that is started anew, are there by then. */
const failuresTold = 3;

export interface DialerOptions {
  /** `ip:port` */
  address: string;
  /** the address this server is known by; undefined lets the system choose */
  from: string | undefined;
  /** TLS; null when there is no secret for it */
  channel: SecureChannel | null;
  /** The socket is connected; the dialer sees its end by itself. */
  connected: (socket: Socket) => void;
  /** It cannot be connected to, time and again, or the TLS handshake failed: why, for people. */
  refused: (reason: string) => void;
  /** Whether the connection that just ended was of use: then the pauses begin anew. */
  wasGood: () => boolean;
  /** another one than `connectTimeoutMs` */
  timeoutMs?: number;
}

export class Dialer {
  readonly address: string;
  private readonly options: DialerOptions;
  private socket: Socket | null = null;
  private timer: NodeJS.Timeout | null = null;
  private attempt = 0;
  /** attempts in a row that were not even connected */
  private failures = 0;
  private isClosed = false;

  constructor(options: DialerOptions) {
    this.address = options.address;
    this.options = options;
  }

  start(): void {
    this.dial();
  }

  /** The peer was just heard of: now is a good time. */
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
      // Peers know this server by the address it listens on.
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

  /** Told when it is not merely about to start. */
  private unreached(reason: string): void {
    if (!this.isClosed && ++this.failures >= failuresTold) this.options.refused(reason);
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
