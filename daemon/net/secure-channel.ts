// TLS with a pre-shared key (PROTOCOL.md, "Secret") around a socket that is open already, on the side that dialled
// and on the side that accepted. A completed handshake proves that the other side has the secret, and nothing
// else. There are no certificates, no resumption and no renegotiation. While one secret replaces another there are two
// keys: the first is used to dial, and both are accepted. One of them may be none, and is all there is without a secret:
// then connections are in the clear.
import { constants } from 'node:crypto';
import type { Socket } from 'node:net';
import {
  connect,
  createSecureContext,
  TLSSocket,
  type TLSSocketOptions,
  type TlsOptions,
} from 'node:tls';
import type { Secret } from '../../shared/config/secret.ts';
import { acceptTrouble, endedEarly } from './connection-trouble.ts';
import { type Keys, keysOf } from './secret-keys.ts';

/** With a Diffie-Hellman exchange: recorded traffic stays secret when the key becomes known. */
const cipher = 'ECDHE-PSK-CHACHA20-POLY1305';

/**
 * The name of the key. A server that has two names the one that it dials with by its place among them, sorted: that
 * tells nothing about the keys, and the others know which of theirs it is, whichever they dial with.
 */
const identity = 'dynamo-dns';
const identities = [`${identity} 1`, `${identity} 2`] as const;

/** Separates this use of the secret from any other. */
const salt = 'dynamo-dns sync 1';

/** One of the two is called, once, unless the socket closes first. */
export interface Handshake {
  completed: () => void;
  /** `reason` is for operators; the socket closes. */
  failed: (reason: string) => void;
}

/** Makes TLS sockets with the network's secret. */
export class SecureChannel {
  private keys: Keys;
  private secret: Secret | null;
  /** the key of each socket whose handshake began */
  private readonly keyOf = new WeakMap<Socket, Buffer>();
  private readonly secureContext = createSecureContext({
    ciphers: cipher,
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.2',
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
  });

  /** `secret` null: there is none. */
  constructor(secret: Secret | null) {
    this.secret = secret;
    this.keys = keysOf(secret, salt);
  }

  /** The secret has changed: for connections from now on. */
  configure(secret: Secret | null): void {
    if (secret === null ? this.secret === null : this.secret?.equals(secret) === true) return;
    this.secret = secret;
    this.keys = keysOf(secret, salt);
  }

  /** Whether connections are opened in the clear. */
  get dialsPlain(): boolean {
    return this.keys[0] === null;
  }

  /** Whether connections in the clear are accepted. */
  get acceptsPlain(): boolean {
    return this.keys.includes(null);
  }

  /** Whether connections inside TLS are accepted. */
  get acceptsTls(): boolean {
    return this.sorted.length > 0;
  }

  /** Whether the key of that connection, or its lack of one, is still accepted. */
  accepts(socket: Socket): boolean {
    return this.keys.some((key) => this.isOf(socket, key));
  }

  /** Whether a connection that was dialled now would have the same key, or none. */
  isCurrent(socket: Socket): boolean {
    return this.isOf(socket, this.keys[0] as Buffer | null);
  }

  private isOf(socket: Socket, key: Buffer | null): boolean {
    const own = this.keyOf.get(socket);
    if (own === undefined) return key === null && !(socket instanceof TLSSocket);
    return key?.equals(own) === true;
  }

  /**
   * Wraps a socket that was accepted; bytes that were read from it must have been put back. Data comes once
   * the handshake is complete.
   */
  accept(socket: Socket, { completed, failed }: Handshake): TLSSocket {
    // Node accepts pskCallback here, too; its types lack it.
    const options: TLSSocketOptions & Pick<TlsOptions, 'pskCallback'> = {
      isServer: true,
      secureContext: this.secureContext,
      pskCallback: (socket, name) => {
        const key = this.keyNamed(name);
        if (key !== null) this.keyOf.set(socket as unknown as Socket, key);
        return key;
      },
    };
    const secured = new TLSSocket(socket, options);
    let isShaking = true;
    const fail = (reason: string) => {
      if (!isShaking) return;
      isShaking = false;
      failed(reason);
    };
    secured.once('secure', () => {
      isShaking = false;
      completed();
    });
    // Without a tls.Server, errors are emitted here, those after the handshake as well.
    secured.on('_tlsError', (error: NodeJS.ErrnoException) => {
      fail(acceptTrouble(error));
      secured.destroy();
    });
    secured.once('end', () => fail(endedEarly));
    return secured;
  }

  /**
   * Wraps a socket that is connected, unless it `dialsPlain`: 'secureConnect' or 'error' follows.
   * @param isPlain the other side does not know the names of two keys: it has one, and is older than they are
   */
  dial(socket: Socket, isPlain = false): TLSSocket {
    const [key] = this.keys as [Buffer];
    const place = identities[this.sorted.indexOf(key)];
    const name = isPlain || this.sorted.length === 1 ? identity : place;
    const secured = connect({
      socket,
      secureContext: this.secureContext,
      pskCallback: () => ({ psk: key, identity: name as string }),
      // There is no certificate with a name in it.
      checkServerIdentity: () => undefined,
    });
    this.keyOf.set(secured, key);
    return secured;
  }

  /** The key of that name; null: it has none. A server that has one key is not asked which. */
  private keyNamed(name: string): Buffer | null {
    const place = (identities as readonly string[]).indexOf(name);
    if (place === -1 && name !== identity) return null;
    const first = this.keys.find((key) => key !== null) ?? null;
    return place === -1 ? first : (this.sorted[place] ?? first);
  }

  private get sorted(): Buffer[] {
    return this.keys.filter((key) => key !== null).sort(Buffer.compare);
  }
}
