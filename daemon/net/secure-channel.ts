// TLS with a pre-shared key (PROTOCOL.md, "Secret"): wraps a socket that is open already, on the side
// that dialled or on the one that was dialled. Whoever completes the handshake has the secret; that
// is all there is to know about them. There are no certificates, no resumption, no renegotiation.
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
import { acceptTrouble, endedEarly } from './secure-trouble.ts';

/** With a Diffie-Hellman exchange: what was recorded stays closed when the secret becomes known. */
const cipher = 'ECDHE-PSK-CHACHA20-POLY1305';

/** There is one key, so there is one name for it. */
const identity = 'dynamo-dns';

/** Keeps this use of the secret apart from any other. */
const salt = 'dynamo-dns sync 1';

/** N, r and p: 16 MiB and some 50 ms, once a start, for each guess that somebody makes, too. */
const cost = { N: 16_384, r: 8, p: 1 } as const;

const keyBytes = 32;

/** One of the two is called, once, unless the socket is closed before. */
export interface Handshake {
  completed: () => void;
  /** Why, for people; the socket closes. */
  failed: (reason: string) => void;
}

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
   * The encrypted side of a socket that was accepted; bytes already read must be back in it. It
   * gives data when the handshake is complete.
   */
  accept(socket: Socket, { completed, failed }: Handshake): TLSSocket {
    // Node takes pskCallback here as it does for a server; its types do not say so.
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
    // Without a tls.Server around it this is where errors are told, also those after the handshake.
    secured.on('_tlsError', (error: NodeJS.ErrnoException) => {
      fail(acceptTrouble(error));
      secured.destroy();
    });
    secured.once('end', () => fail(endedEarly));
    return secured;
  }

  /** The encrypted side of a socket that is connected: 'secureConnect' or 'error' follows. */
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
