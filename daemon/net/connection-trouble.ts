// Why a connection to or from a name server failed, in sentences for operators: each is a predicate whose subject
// is the peer, with the next thing to do. OpenSSL reports a wrong key as a damaged record, because that is how it
// shows: the first record that is encrypted with it cannot be read.

const check = 'check its address in NameServers, and the firewalls between';

/** The system's error when dialling. */
export function connectTrouble({ code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'ECONNREFUSED':
      return 'refuses connections: nothing listens there; start ddnsd there, or correct its address in NameServers';
    case 'ETIMEDOUT':
      return `does not answer; ${check}`;
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EHOSTDOWN':
    case 'ENETDOWN':
      return `cannot be reached from here (${code}): there is no route to its network; ${check}`;
    case 'EADDRNOTAVAIL':
      return 'cannot be dialled from the address in Interface: this machine does not have it now, or no free port at it';
    case 'EINVAL':
      return 'cannot be dialled from the address in Interface: it is in another network; set Interface to 0.0.0.0, or :: for IPv6';
    case 'EACCES':
    case 'EPERM':
      return `cannot be dialled from here (${code}): a firewall of this machine, or the sandbox of its service, forbids it`;
    case 'EMFILE':
    case 'ENFILE':
      return `cannot be dialled (${code}): this process has too many open files; raise LimitNOFILE`;
    default:
      return `cannot be connected to (${code ?? message}); ${check}`;
  }
}

/** The peer did not accept the connection in that time. */
export function connectTimeout(afterMs: number): string {
  return `does not answer within ${afterMs / 1_000} s; ${check}`;
}

const sameSecret = 'set the same one in ddns.conf of both name servers';

/** Why a handshake failed that the other side gave up. */
export const endedEarly = 'the TLS handshake was not completed by the other side';

/** Alerts that can end a handshake, by number (RFC 5246 section 7.2, RFC 4279 section 6). */
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

/** For an alert that was received, OpenSSL's reason is its number plus this (SSL_AD_REASON_OFFSET). */
const alertOffset = 1_000;
const mostAlerts = 256;

/** The reason in OpenSSL's error number; the bits above name the library. */
const reasonBits = 0x7fffff;

/**
 * The name of the alert that the other side sent; null: the error is none. It is read from OpenSSL's number,
 * because its texts, and Node's codes made from them, differ between versions.
 */
function alertOf({ message }: Error): string | null {
  const [, number] = /\berror:([0-9A-F]{8}):/.exec(message) ?? [];
  if (number === undefined) return null;
  const alert = (Number.parseInt(number, 16) & reasonBits) - alertOffset;
  if (alert < 0 || alert >= mostAlerts) return null;
  return alertNames[alert] ?? String(alert);
}

/** Whether the other side does not know the name of the key: it is older than names of two keys. */
export function isUnknownIdentity(error: Error): boolean {
  return alertOf(error) === 'unknown_psk_identity';
}

/** The TLS handshake of a connection that was accepted failed. */
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

/** The TLS handshake with a peer that was dialled failed. */
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

/** The peer accepted the connection, but did not complete the handshake in that time. */
export function dialTimeout(afterMs: number): string {
  return `accepted the connection, but did not complete the TLS handshake within ${afterMs / 1_000} s; is it a name server with a Secret?`;
}

/** The alert's name, or OpenSSL's reason without addresses and source files. */
function reasonOf(error: NodeJS.ErrnoException & { reason?: string }): string {
  const alert = alertOf(error);
  if (alert !== null) return `alert ${alert}`;
  return error.reason ?? error.code ?? 'unknown reason';
}
