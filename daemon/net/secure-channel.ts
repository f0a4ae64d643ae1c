// TLS with a pre-shared key (PROTOCOL.md, "Secret") around a socket that is open already, on the side that dialled
// and on the side that accepted. A completed handshake proves that the other side has the secret, and nothing
// else. There are no certificates, no resumption and no renegotiation. While one secret replaces another there are two
// keys: the first is used to dial, and both are accepted.
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
import { keysOf } from './secret-keys.ts';

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
  private keys: readonly Buffer[] = [];
  private secret: Secret;
  /** the key of each socket whose handshake began */
  private readonly keyOf = new WeakMap<Socket, Buffer>();
  private readonly secureContext = createSecureContext({
    ciphers: cipher,
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.2',
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
  });

  constructor(secret: Secret) {
    this.secret = secret;
    this.keys = keysOf(secret, salt);
  }

  /** The secret has changed: for handshakes from now on. */
  configure(secret: Secret): void {
    if (secret.equals(this.secret)) return;
    this.secret = secret;
    this.keys = keysOf(secret, salt);
  }

  /** Whether the key of that connection is still accepted. */
  accepts(secured: Socket): boolean {
    const own = this.keyOf.get(secured);
    return own !== undefined && this.keys.some((key) => key.equals(own));
  }

  /** Whether a connection that was dialled now would have the same key. */
  isCurrent(secured: Socket): boolean {
    return this.keyOf.get(secured)?.equals(this.keys[0] as Buffer) === true;
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
   * Wraps a socket that is connected: 'secureConnect' or 'error' follows.
   * @param isPlain the other side does not know the names of two keys: it has one, and is older than they are
   */
  dial(socket: Socket, isPlain = false): TLSSocket {
    const [key] = this.keys as [Buffer];
    const place = identities[sorted(this.keys).indexOf(key)];
    const name = isPlain || this.keys.length === 1 ? identity : place;
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
    const [first] = this.keys as [Buffer];
    return place === -1 ? first : (sorted(this.keys)[place] ?? first);
  }
}

function sorted(keys: readonly Buffer[]): Buffer[] {
  return keys.toSorted(Buffer.compare);
}
