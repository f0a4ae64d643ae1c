// Dials one peer for as long as the daemon runs: a connection at a time, and after each that failed
// or ended a pause that grows and is random.
import { connect, isIP, type Socket } from 'node:net';
import { formatIp, parseAddress } from '../../shared/protocol/address.ts';
import { backoffMs } from '../core/backoff.ts';

/** A peer that takes longer to accept is as good as gone; the next attempt may find it better. */
const connectTimeoutMs = 3_000;

export interface DialerOptions {
  /** `ip:port` */
  address: string;
  /** the address this server is known by; undefined lets the system choose */
  from: string | undefined;
  /** The socket is connected; the dialer sees its end by itself. */
  connected: (socket: Socket) => void;
  /** Whether the connection that just ended was of use: then the pauses begin anew. */
  wasGood: () => boolean;
}

export class Dialer {
  readonly address: string;
  private readonly options: DialerOptions;
  private socket: Socket | null = null;
  private timer: NodeJS.Timeout | null = null;
  private attempt = 0;
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
    const timeout = setTimeout(() => socket.destroy(), connectTimeoutMs);
    socket.on('error', () => {});
    socket.on('connect', () => {
      clearTimeout(timeout);
      this.options.connected(socket);
    });
    socket.on('close', () => {
      clearTimeout(timeout);
      this.ended();
    });
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
