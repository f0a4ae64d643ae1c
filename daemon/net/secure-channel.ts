// TLS with a pre-shared key (PROTOCOL.md, "Secret") around a socket that is open already, on the side that dialled
// and on the side that accepted. A completed handshake proves that the other side has the secret, and nothing
// else. There are no certificates, no resumption and no renegotiation.
import { constants, scryptSync } from 'node:crypto';
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

/** With a Diffie-Hellman exchange: recorded traffic stays secret when the key becomes known. */
const cipher = 'ECDHE-PSK-CHACHA20-POLY1305';

/** The name of the only key. */
const identity = 'dynamo-dns';

/** Separates this use of the secret from any other. */
const salt = 'dynamo-dns sync 1';

/** N, r and p of scrypt: 16 MiB and some 50 ms, once at the start, and for each guess of an attacker. */
const cost = { N: 16_384, r: 8, p: 1 } as const;

const keyBytes = 32;

/** One of the two is called, once, unless the socket closes first. */
export interface Handshake {
  completed: () => void;
  /** `reason` is for operators; the socket closes. */
  failed: (reason: string) => void;
}

/** Makes TLS sockets with the network's secret. */
export class SecureChannel {
  private readonly key: Buffer;
  private readonly secureContext = createSecureContext({
    ciphers: cipher,
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.2',
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
  });

  constructor(secret: Secret) {
    this.key = scryptSync(Buffer.from(secret.reveal(), 'utf8'), salt, keyBytes, cost);
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
      pskCallback: (_, name) => (name === identity ? this.key : null),
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

  /** Wraps a socket that is connected: 'secureConnect' or 'error' follows. */
  dial(socket: Socket): TLSSocket {
    return connect({
      socket,
      secureContext: this.secureContext,
      pskCallback: () => ({ psk: this.key, identity }),
      // There is no certificate with a name in it.
      checkServerIdentity: () => undefined,
    });
  }
}
