// One connection to NATS, from when it stands until it is lost. The client's own reconnecting is not used: what it
// would send after an interruption belongs to links that are broken by then. Loaded when Fleet is set.
import { isIP } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { PeerCertificate } from 'node:tls';
import {
  type ConnectionOptions,
  credsAuthenticator,
  errors,
  type NatsConnection,
  NatsConnectionImpl,
  nkeyAuthenticator,
  setTransportFactory,
  type TlsOptions,
} from '@nats-io/transport-node';
import { NodeTransport, nodeResolveHost } from '@nats-io/transport-node/lib/node_transport.js';
import type { FleetSetting } from '../../shared/config/fleet.ts';
import { readRegularFile } from '../../shared/config/read-file.ts';
import { printable } from '../../shared/output/printable.ts';

/** For TCP, TLS and the greeting of NATS together. */
const connectTimeoutMs = 3_000;

/** A NATS that stands still is noticed after three of these. */
const pingMs = 5_000;

/** As often as servers announce themselves: an attempt is a line in the log of NATS. */
const resubscribeMs = 5_000;

/** For what was published last to go out. */
const closeMs = 500;

/** What happens with the connection. */
export interface BusEvents {
  message(subject: string, payload: Uint8Array): void;
  /** It is lost, for that reason; nothing follows. */
  lost(reason: string): void;
  /** NATS refuses something, such as a subject. */
  refused(reason: string): void;
}

/** What carries messages to all servers of a fleet, each at most once. */
export interface Bus {
  /** bytes of a message, at most */
  readonly maxPayload: number;
  /** of the server that was reached, for operators */
  readonly server: string;
  publish(subject: string, payload: Uint8Array): void;
  subscribe(subject: string): void;
  /** Resolves when everything that was published has arrived at NATS. @throws when it is lost */
  flush(): Promise<void>;
  close(): void;
}

/**
 * Connects to one of the servers of NATS. Each is tried by itself, because a certificate is checked against the address
 * that was dialled, which the client forgets for an IP address.
 * @throws Error with a message for operators
 */
export async function connectNats(
  { servers, isTls }: FleetSetting,
  { credentials, name }: { credentials: string | null; name: string },
  events: BusEvents,
): Promise<Bus> {
  const options: ConnectionOptions = {
    ...(await login(credentials)),
    name,
    reconnect: false,
    noEcho: true,
    timeout: connectTimeoutMs,
    pingInterval: pingMs,
    maxPingOut: 2,
    // Their addresses may be of a network that is not this one's.
    ignoreClusterUpdates: true,
  };
  const failed = new Map<string, string>();
  for (const server of shuffled(servers))
    try {
      const tls = isTls ? { tls: checkedAgainst(server) } : {};
      return carriedBy(
        await NatsConnectionImpl.connect({ ...options, ...tls, servers: server }),
        events,
      );
    } catch (error) {
      failed.set(server, troubleOf(error, isTls));
    }
  // In one order, so that the same failures are the same text.
  const texts = servers.map((server) => `${server}: ${failed.get(server)}`);
  throw new Error(servers.length === 1 ? [...failed.values()].join() : texts.join('; '));
}

/** The client's own leaves a socket open that is connected but gets no answer in time, one for each attempt. */
class EndingTransport extends NodeTransport {
  override async close(error?: Error): Promise<void> {
    await super.close(error);
    this.done = true;
    // Until it is connected, `super.close` does nothing.
    this.socket?.destroy();
  }
}

setTransportFactory({ factory: () => new EndingTransport(), dnsResolveFn: nodeResolveHost });

function carriedBy(connection: NatsConnection, events: BusEvents): Bus {
  const { info } = connection;
  void connection.closed().then((error) => events.lost(troubleOf(error)));
  void (async () => {
    for await (const status of connection.status())
      if (status.type === 'error') events.refused(troubleOf(status.error));
  })();
  return {
    maxPayload: info?.max_payload ?? 0,
    server: connection.getServer(),
    publish: (subject, payload) => {
      if (!connection.isClosed()) connection.publish(subject, payload);
    },
    subscribe: (subject) => subscribe(connection, subject, events),
    flush: () => connection.flush(),
    close: () => {
      const late = wait(closeMs, undefined, { ref: false });
      void Promise.race([connection.flush(), late])
        .catch(() => {})
        .finally(() => connection.close());
    },
  };
}

/** A subscription that NATS refuses, or takes back, is tried again: permissions change while it runs. */
function subscribe(connection: NatsConnection, subject: string, events: BusEvents): void {
  if (connection.isClosed()) return;
  connection.subscribe(subject, {
    callback: (error, message) => {
      if (error === null) events.message(message.subject, message.data);
      else setTimeout(subscribe, resubscribeMs, connection, subject, events).unref();
    },
  });
}

/** Node checks a certificate against `host` where the server has no name, which is where it is an IP address. */
function checkedAgainst(server: string): TlsOptions {
  const host = server.slice(0, server.lastIndexOf(':')).replace(/[[\]]/g, '');
  return isIP(host) === 0 ? {} : ({ host } as TlsOptions);
}

function shuffled<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

/** Many times those that nsc writes. */
const maxCredentialsBytes = 65_536;

/**
 * A file of NatsCredentials: as nsc writes it; or in one line the seed of an nkey, a token, or a user and a password.
 * @throws Error with a message for operators
 */
async function login(file: string | null): Promise<ConnectionOptions> {
  if (file === null) return {};
  const read = await readRegularFile(file, maxCredentialsBytes).catch(({ code }) => {
    throw new Error(`NatsCredentials cannot be read (${code}): check ${file}`);
  });
  if (read === null) throw new Error(`NatsCredentials is not a regular file: check ${file}`);
  if (read.size > maxCredentialsBytes)
    throw new Error(
      `the file of NatsCredentials has ${read.size} bytes, more than ${maxCredentialsBytes}: check ${file}`,
    );
  const { bytes } = read;
  const text = Buffer.from(bytes).toString('utf8').trim();
  if (text === '') throw new Error(`the file of NatsCredentials is empty: check ${file}`);
  if (text.includes('-----BEGIN NATS USER JWT-----'))
    return { authenticator: credsAuthenticator(bytes) };
  if (/^SU[A-Z2-7]+$/.test(text)) return { authenticator: nkeyAuthenticator(Buffer.from(text)) };
  const [, user = '', pass] = /^(\S+)(?:\s+(.*))?$/.exec(text) ?? [];
  return pass === undefined ? { token: user } : { user, pass };
}

/** What NATS closes a connection for without a word that arrives: its limits, and the end of its process. */
const closed = 'it closed the connection; its log says why, such as a limit of connections';

/** Why NATS is not reached, was lost or refuses something, for operators. */
function troubleOf(error: unknown, isTls: boolean = true): string {
  if (!(error instanceof Error)) return 'it closed the connection, or does not answer';
  if (error instanceof errors.PermissionViolationError)
    return `permissions violation for ${error.operation} to ${printable(error.subject)}`;
  const { code } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'EPIPE':
    case 'ECONNRESET':
      return closed;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `its name does not resolve (${code})`;
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return isTls
        ? `its certificate is for other names: ${printable(namesOf(error))}`
        : 'it requires TLS: write tls:// instead of nats:// in Fleet';
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return `its certificate is not trusted here (${code}): set NODE_EXTRA_CA_CERTS to that of its issuer`;
    case 'CERT_NOT_YET_VALID':
      return 'its certificate is not valid yet: check the clock of this machine';
    case 'CERT_HAS_EXPIRED':
      return 'its certificate has expired: renew it, or correct the clock of this machine';
    default:
      // Of a connection that was closed before its greeting the client knows no error.
      return /undefined error/.test(error.message) ? closed : lowered(error.message);
  }
}

function namesOf(error: Error): string {
  return (error as { cert?: PeerCertificate } & Error).cert?.subjectaltname ?? 'none';
}

/** NATS begins each word of some messages with a capital. */
function lowered(text: string): string {
  if (text === 'timeout') return `no answer within ${connectTimeoutMs / 1_000} s`;
  return printable(text.toLowerCase());
}
