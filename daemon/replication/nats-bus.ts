// One connection to NATS, from when it stands until it is lost. The client's own reconnecting is not used: what it
// would send after an interruption belongs to links that are broken by then. Loaded when Fleet is set.
import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import {
  type ConnectionOptions,
  connect,
  credsAuthenticator,
  nkeyAuthenticator,
} from '@nats-io/transport-node';
import type { FleetSetting } from '../../shared/config/fleet.ts';

/** For TCP, TLS and the greeting of NATS together. */
const connectTimeoutMs = 3_000;

/** A NATS that stands still is noticed after three of these. */
const pingMs = 5_000;

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

/** Connects to one of the servers of NATS. @throws Error with a message for operators */
export async function connectNats(
  { servers, isTls }: FleetSetting,
  { credentials, name }: { credentials: string | null; name: string },
  events: BusEvents,
): Promise<Bus> {
  const connection = await connect({
    ...(await login(credentials)),
    servers: [...servers],
    name,
    reconnect: false,
    noEcho: true,
    timeout: connectTimeoutMs,
    pingInterval: pingMs,
    maxPingOut: 2,
    ...(isTls ? { tls: {} } : {}),
  });
  const { info } = connection;
  void connection.closed().then((error) => events.lost(textOf(error)));
  void (async () => {
    for await (const status of connection.status())
      if (status.type === 'error') events.refused(textOf(status.error));
  })();
  return {
    maxPayload: info?.max_payload ?? 0,
    server: connection.getServer(),
    publish: (subject, payload) => {
      if (!connection.isClosed()) connection.publish(subject, payload);
    },
    subscribe: (subject) => {
      connection.subscribe(subject, {
        callback: (error, message) => {
          if (error === null) events.message(message.subject, message.data);
        },
      });
    },
    flush: () => connection.flush(),
    close: () => {
      const late = wait(closeMs, undefined, { ref: false });
      void Promise.race([connection.flush(), late])
        .catch(() => {})
        .finally(() => connection.close());
    },
  };
}

/** A file of NatsCredentials: as nsc writes it, the seed of an nkey alone, or a user and a password in one line. */
async function login(file: string | null): Promise<ConnectionOptions> {
  if (file === null) return {};
  const bytes = await readFile(file);
  const text = bytes.toString('utf8').trim();
  if (text.includes('-----BEGIN NATS USER JWT-----'))
    return { authenticator: credsAuthenticator(bytes) };
  if (/^SU[A-Z2-7]+$/.test(text)) return { authenticator: nkeyAuthenticator(Buffer.from(text)) };
  const [user = '', pass = ''] = text.split(/\s+/);
  return { user, pass };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message.toLowerCase() : 'it was closed';
}
