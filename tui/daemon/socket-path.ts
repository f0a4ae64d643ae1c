// Which socket the console attaches to: the one it is told, else the one that the configuration of
// this machine names, else the default of the operating system.

/** Where `ddnsd` listens when its configuration says nothing else. */
export function defaultSocket(platform: NodeJS.Platform): string {
  return platform === 'win32' ? '\\\\.\\pipe\\ddnsd' : '/run/ddnsd/ddnsd.sock';
}

export interface SocketChoice {
  /** `--socket` */
  option: string | undefined;
  /** the environment: `DDNS_SOCKET` */
  env: NodeJS.ProcessEnv;
  platform: NodeJS.Platform;
  /** Reads `Socket` of the machine's ddns.conf; null when there is none or it cannot be read. */
  configured(): Promise<string | null>;
}

export async function chooseSocket(choice: SocketChoice): Promise<string> {
  return (
    choice.option ||
    choice.env.DDNS_SOCKET ||
    (await choice.configured()) ||
    defaultSocket(choice.platform)
  );
}
