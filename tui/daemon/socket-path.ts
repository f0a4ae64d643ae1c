// Which socket the console attaches to: the one that it is given, else the one in this machine's configuration,
// else the default of the operating system.
import { chooseSource } from '../../shared/config/paths.ts';

/** Where `ddnsd` listens by default. */
function defaultSocket(platform: NodeJS.Platform): string {
  return platform === 'win32' ? '\\\\.\\pipe\\ddnsd' : '/run/ddnsd/ddnsd.sock';
}

/** Where a socket path may come from, in order of precedence. */
export interface SocketChoice {
  /** `--socket` */
  option: string | undefined;
  /** the environment: `DDNS_SOCKET` */
  env: NodeJS.ProcessEnv;
  platform: NodeJS.Platform;
  /** Reads `Socket` from this machine's ddns.conf; null when there is none or it cannot be read. */
  configured(): Promise<string | null>;
}

/** The path of the socket, or the name of the pipe on Windows. */
export async function chooseSocket(choice: SocketChoice): Promise<string> {
  return (
    choice.option ||
    choice.env.DDNS_SOCKET ||
    (await choice.configured()) ||
    defaultSocket(choice.platform)
  );
}

/** `Socket` in the ddns.conf that ddnsd would read here; null when it cannot be read or is wrong. */
export async function configuredSocket(): Promise<string | null> {
  const { loadConfiguration } = await import('../../shared/config/load.ts');
  try {
    const source = chooseSource({}, process.env, process.platform);
    const { settings } = await loadConfiguration(source, { withoutSecret: true });
    return settings.socket;
  } catch {
    // ddnsd reports what is wrong with it; the console has a default.
    return null;
  }
}
