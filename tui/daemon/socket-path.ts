// Which socket the console attaches to: the one that it is given, else the one in this machine's configuration,
// else the default of the operating system.
import { chooseSource } from '../../shared/config/paths.ts';
import type { ServerColour } from '../theme.ts';

function defaultSocket(platform: NodeJS.Platform): string {
  return platform === 'win32' ? '\\\\.\\pipe\\ddnsd' : '/run/ddnsd/ddnsd.sock';
}

/** A name server's socket, and its name if it was given one. */
export interface NamedSocket {
  name: string | null;
  path: string;
  /** sets it off from others; none by default */
  colour?: ServerColour | undefined;
}

/** Names are shown beside each other, and typed. */
const name = /^[a-z0-9][a-z0-9._-]{0,31}$/i;

/** `NAME=PATH`, or a path, which may have a `=` behind the first `/`. */
export function namedSocket(text: string): NamedSocket {
  const equals = text.indexOf('=');
  const begin = text.slice(0, Math.max(0, equals));
  return name.test(begin)
    ? { name: begin, path: text.slice(equals + 1) }
    : { name: null, path: text };
}

/** What is wrong with the sockets of one console, in words for the operator; null: nothing. */
export function socketsProblem(sockets: readonly NamedSocket[]): string | null {
  const empty = sockets.find(({ path }) => path === '');
  if (empty) return `--socket ${empty.name}= has no path; write NAME=PATH`;
  const nameless = sockets.find((socket) => socket.name === null);
  if (sockets.length > 1 && nameless)
    return `with several sockets each needs a name: --socket NAME=${nameless.path}`;
  const twice = sockets.find(
    (socket, index) => sockets.findIndex(({ name: other }) => other === socket.name) < index,
  );
  return twice ? `two sockets are named ${twice.name}; give each its own name` : null;
}

/** Where a socket path may come from, in order of precedence. */
export interface SocketChoice {
  /** the environment: `DDNS_SOCKET` */
  env: NodeJS.ProcessEnv;
  platform: NodeJS.Platform;
  /** Reads `Socket` from this machine's ddns.conf; null when there is none or it cannot be read. */
  configured(): Promise<string | null>;
}

/** The path of the socket, or the name of the pipe on Windows. */
export async function chooseSocket(choice: SocketChoice): Promise<string> {
  return choice.env.DDNS_SOCKET || (await choice.configured()) || defaultSocket(choice.platform);
}

/** `Socket` in `conf`, else in the ddns.conf that ddnsd would read here; null when it cannot be read or is wrong. */
export async function configuredSocket(options: { conf?: string } = {}): Promise<string | null> {
  const { loadConfiguration } = await import('../../shared/config/load.ts');
  try {
    const source = chooseSource(options, process.env, process.platform);
    return (await loadConfiguration(source, { withoutSecret: true })).settings.socket;
  } catch {
    // ddnsd reports what is wrong with it; the console has a default.
    return null;
  }
}
