// The value of Fleet: servers of NATS, and the name of the fleet in its subjects.

/** Where the name servers of a fleet meet. */
export interface FleetSetting {
  /** `host:port` of each server of NATS */
  servers: readonly string[];
  isTls: boolean;
  /** in the subjects */
  name: string;
}

const defaultName = 'dynamo';
const defaultPort = 4222;

/** Servers of one cluster: those that are named are tried, and no others that the cluster tells of. */
const maxServers = 16;

/** `nats://host[:port][,host[:port]…][/name]`, or with tls; null if it is something else. */
export function parseFleet(text: string): FleetSetting | null {
  const match = /^(nats|tls):\/\/([^/@\s]+)(?:\/([A-Za-z0-9_-]{1,32}))?$/i.exec(text);
  if (match === null) return null;
  const [, scheme = '', hosts = '', name = defaultName] = match;
  const servers = hosts.split(',').map((host) => withPort(host.replace(/^(nats|tls):\/\//i, '')));
  if (servers.length > maxServers || servers.includes(null)) return null;
  return { servers: servers as string[], isTls: scheme.toLowerCase() === 'tls', name };
}

function withPort(host: string): string | null {
  const match = /^(\[[0-9a-f:.]+\]|[A-Za-z0-9._-]{1,253})(?::(\d{1,5}))?$/i.exec(host);
  if (match === null) return null;
  const port = Number(match[2] ?? defaultPort);
  return port >= 1 && port <= 65_535 ? `${match[1]}:${port}` : null;
}

/** As it is written in ddns.conf. */
export function formatFleet({ servers, isTls, name }: FleetSetting): string {
  const suffix = name === defaultName ? '' : `/${name}`;
  return `${isTls ? 'tls' : 'nats'}://${servers.join(',')}${suffix}`;
}
