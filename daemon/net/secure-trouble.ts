// What went wrong with a TLS handshake, said so that an operator knows what to do. OpenSSL tells of a
// wrong key as it tells of a damaged record, for that is how it shows: the first record that is
// encrypted with it cannot be read.
const sameSecret = 'set the same one in ddns.conf of both name servers';

export const endedEarly = 'the TLS handshake was not completed by the other side';

/** Alerts by their numbers, the ones that a handshake can end with (RFC 5246 section 7.2, RFC 4279 section 6). */
const alertNames: Readonly<Record<number, string>> = {
  10: 'unexpected_message',
  20: 'bad_record_mac',
  22: 'record_overflow',
  40: 'handshake_failure',
  42: 'bad_certificate',
  47: 'illegal_parameter',
  48: 'unknown_ca',
  50: 'decode_error',
  51: 'decrypt_error',
  70: 'protocol_version',
  71: 'insufficient_security',
  80: 'internal_error',
  112: 'unrecognized_name',
  115: 'unknown_psk_identity',
  120: 'no_application_protocol',
};

/** OpenSSL's reason for an alert that came is its number and this (SSL_AD_REASON_OFFSET). */
const alertOffset = 1_000;
const mostAlerts = 256;

/** What is an error's reason in OpenSSL's number of it; above stands the library. */
const reasonBits = 0x7fffff;

/**
 * The name of the alert that the other side sent, or null when the error is another one. OpenSSL's
 * number tells: its texts, and Node's codes made of them, are spelt differently from version to version.
 */
function alertOf({ message }: Error): string | null {
  const [, number] = /\berror:([0-9A-F]{8}):/.exec(message) ?? [];
  if (number === undefined) return null;
  const alert = (Number.parseInt(number, 16) & reasonBits) - alertOffset;
  if (alert < 0 || alert >= mostAlerts) return null;
  return alertNames[alert] ?? String(alert);
}

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
  const differs = `refuses the TLS handshake: the Secret differs; ${sameSecret}`;
  const alert = alertOf(error);
  if (alert === 'bad_record_mac' || alert === 'decrypt_error') return differs;
  switch (error.code) {
    case 'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC':
      return differs;
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

/** The alert's name, or OpenSSL's few words without its addresses and source files. */
function reasonOf(error: NodeJS.ErrnoException & { reason?: string }): string {
  const alert = alertOf(error);
  if (alert !== null) return `alert ${alert}`;
  return error.reason ?? error.code ?? 'unknown reason';
}
