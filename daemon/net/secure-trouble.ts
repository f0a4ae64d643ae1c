// What went wrong with a TLS handshake, said so that an operator knows what to do. OpenSSL tells of a
// wrong key as it tells of a damaged record, for that is how it shows: the first record that is
// encrypted with it cannot be read.
const sameSecret = 'set the same one in ddns.conf of both name servers';

export const endedEarly = 'the TLS handshake was not completed by the other side';

/** Why somebody who dialled is not let in. */
export function acceptTrouble(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC':
      return `the Secret differs; ${sameSecret}`;
    case 'ERR_SSL_PSK_IDENTITY_NOT_FOUND':
    case 'ERR_SSL_NO_SHARED_CIPHER':
    case 'ERR_SSL_UNSUPPORTED_PROTOCOL':
      return `TLS without the pre-shared key of this network (${reasonOf(error)})`;
    case 'ECONNRESET':
    case 'EPIPE':
      return endedEarly;
    default:
      return `no TLS handshake (${reasonOf(error)})`;
  }
}

/** Why a peer that was dialled cannot be spoken with. */
export function dialTrouble(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ERR_SSL_SSLV3_ALERT_BAD_RECORD_MAC':
    case 'ERR_SSL_TLSV1_ALERT_DECRYPT_ERROR':
    case 'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC':
      return `refuses the TLS handshake: the Secret differs; ${sameSecret}`;
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
      return 'does not speak TLS: it has no Secret set; set the same one there';
    case 'ECONNRESET':
    case 'EPIPE':
      return 'ended the connection during the TLS handshake; its log may say why';
    default:
      return `does not take part in the TLS handshake (${reasonOf(error)}); is it a name server with a Secret?`;
  }
}

/** A peer that accepted the connection, and then did not complete the handshake. */
export function dialTimeout(afterMs: number): string {
  return `accepted the connection, but did not complete the TLS handshake within ${afterMs / 1_000} s; is it a name server with a Secret?`;
}

/** OpenSSL's few words, without its addresses and source files. */
function reasonOf(error: NodeJS.ErrnoException & { reason?: string }): string {
  return error.reason ?? error.code ?? 'unknown reason';
}
