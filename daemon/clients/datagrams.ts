// A UDP port and whose datagrams they are: the third byte chooses (PROTOCOL.md, "Datagrams"). Nothing that arrives, and
// no reply that the system does not take, stops a socket or makes anything wait: it is counted and forgotten.
import type { RemoteInfo, Socket } from 'node:dgram';
import type { ListenAddress } from '../../shared/config/interface-address.ts';
import type { Counters } from '../../shared/counters.ts';
import { createDatagramSocket } from '../../shared/datagram-socket.ts';
import { packAddress } from '../../shared/protocol/address.ts';
import { isNativeDatagram } from '../../shared/protocol/datagram-request.ts';
import { addressesBehind } from '../machine/own-addresses.ts';
import type { Access } from './access.ts';
import { explainListening, type PortSetting } from './listen-error.ts';

/** Bytes that the kernel keeps for us while we are busy: about 1,500 queries; it may allow less (net.core.rmem_max). */
const receiveBufferBytes = 1_048_576;

/** Bytes of replies that wait for the system; beyond it they are dropped, as a network would. */
const maxWaitingBytes = 1_048_576;

/** Shortest datagram that is in any dialect: `ping`. A DNS query has 12 bytes and more. */
const leastBytes = 4;

/** Whether several sockets may have one port here; elsewhere the processes of a name server read from one socket. */
const hasReusePort = process.platform === 'linux' || process.platform === 'freebsd';

/** A DNS response: it is never answered, or two servers could answer each other for ever. */
const responseBit = 0x80;

/** Where a datagram came from. */
export interface DatagramSource {
  /** packed, with the port */
  readonly ip: Uint32Array;
  /** the IP address as the system writes it */
  readonly from: string;
  readonly port: number;
}

/** The dialects of a socket. */
export interface DatagramDialects {
  /** null: native requests are not answered here */
  native: {
    /** Answers now or later, or not at all. */
    receive(bytes: Buffer, source: DatagramSource, reply: (bytes: Uint8Array) => void): void;
    /** Resolves when everything is answered. */
    finish(): Promise<void>;
  } | null;
  /** The answer to a DNS query; null: none. Without this member DNS is not answered here. */
  dns:
    | ((bytes: Buffer, source: DatagramSource) => Uint8Array | null | Promise<Uint8Array | null>)
    | null;
}

/** The UDP sockets of one process, at one port. */
export class Datagrams {
  private readonly dialects: DatagramDialects;
  private readonly counters: Counters;
  private readonly access: Pick<Access, 'serves'>;
  private readonly sockets: Socket[] = [];
  private isClosing = false;

  constructor(
    dialects: DatagramDialects,
    { counters, access }: { counters: Counters; access: Pick<Access, 'serves'> },
  ) {
    this.dialects = dialects;
    this.counters = counters;
    this.access = access;
  }

  /**
   * Receives at `at`; port 0 takes a free one. `isShared`: other processes of this name server receive there, too, and
   * the system gives each some of the clients. Resolves with the port in use. At 0.0.0.0 or ::, each address that the
   * machine has now gets a socket of its own: an answer has to leave from the address that was asked, and Node cannot
   * say from which one a socket for all of them sends. @throws ListenError
   */
  async start(
    at: ListenAddress,
    { isShared = false, setting = 'Port' as PortSetting } = {},
  ): Promise<number> {
    const others = hasReusePort ? addressesBehind(at.address) : [];
    const isReused = isShared || others.length > 0;
    const port = await this.open(at, isReused, setting);
    // It was lost in the meantime, or is not ready: the socket for all has its datagrams.
    for (const address of others)
      await this.open({ address, port }, isReused, setting).catch(() => {});
    return port;
  }

  private async open(at: ListenAddress, isReused: boolean, setting: PortSetting): Promise<number> {
    const socket = createDatagramSocket(at.address, {
      reusePort: isReused && hasReusePort,
      recvBufferSize: receiveBufferBytes,
    });
    await new Promise<void>((resolve, reject) => {
      socket.once('error', (error: NodeJS.ErrnoException) => {
        reject(explainListening(error, at, { transport: 'UDP', setting }));
        socket.close();
      });
      socket.bind({ ...at, exclusive: !isReused || hasReusePort }, () => {
        socket.removeAllListeners('error');
        resolve();
      });
    });
    // A failed read; the socket goes on.
    socket.on('error', () => {
      this.counters.datagramsIgnored++;
    });
    socket.on('message', (bytes, info) => this.receive(socket, bytes, info));
    this.sockets.push(socket);
    return socket.address().port;
  }

  /** Takes nothing more, answers what was asked, and closes. */
  async close(): Promise<void> {
    this.isClosing = true;
    await this.dialects.native?.finish();
    for (const socket of this.sockets.splice(0)) socket.close();
  }

  private receive(at: Socket, bytes: Buffer, { address: from, port }: RemoteInfo): void {
    const { counters, dialects } = this;
    if (this.isClosing) return;
    counters.datagrams++;
    if (!this.access.serves(from)) {
      counters.denied++;
      return;
    }
    // Null: from port 0, to which nothing can be sent.
    const ip = packAddress(from, port);
    if (ip === null || bytes.length < leastBytes || (bytes[2] as number) >= responseBit) {
      counters.datagramsIgnored++;
      return;
    }
    const source = { ip, from, port };
    const isNative = isNativeDatagram(bytes);
    if (isNative && dialects.native !== null) {
      dialects.native.receive(bytes, source, (reply) => this.send(at, reply, source));
    } else if (!isNative && dialects.dns !== null) {
      const answer = dialects.dns(bytes, source);
      if (answer instanceof Promise) void answer.then((known) => this.send(at, known, source));
      else this.send(at, answer, source);
    } else {
      counters.datagramsIgnored++;
    }
  }

  /** Null: nothing. */
  private send(socket: Socket, bytes: Uint8Array | null, { from, port }: DatagramSource): void {
    // Closed by now.
    if (bytes === null || !this.sockets.includes(socket)) return;
    if (socket.getSendQueueSize() > maxWaitingBytes) this.counters.datagramsUnsent++;
    else socket.send(bytes, port, from, this.sent);
  }

  private readonly sent = (error: Error | null): void => {
    if (error !== null) this.counters.datagramsUnsent++;
  };
}
