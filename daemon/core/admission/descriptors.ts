// How the system's limit on open files is divided. Everything that opens descriptors has a part and keeps to it, so that
// a flood of one kind keeps nothing else out: neither nodes consoles, nor pings nodes, nor would-be peers anybody.

/** The most descriptors of each kind. */
export interface DescriptorBudget {
  /** connections of clients, of all processes together */
  clients: number;
  /** hosts pinged at once */
  pings: number;
  /** connections from other name servers */
  sync: number;
  /** connections of consoles */
  consoles: number;
}

/** More clients would only be silent: a server with a full backlog turns newcomers away. */
const wantedClients = 10_000;

/** Suspects and canaries (512), newcomers (32), hosts that a peer asks about (512), and some for consoles. */
const wantedPings = 1_088;

/** 64 consoles, and 16 that learn that there is no room. */
const wantedConsoles = 80;

/** One each way, one that replaces another, and one to spare. */
const linksPerPeer = 4;

/** With a Secret, servers that are not in NameServers may connect, too. */
const otherLinks = 16;

/**
 * SQLite's files, ddns.conf, the log, what Node itself has open (about 25), and the connections that this
 * server dials; a link and a channel to each worker process.
 */
const filesOfProcess = 48;
const filesPerPeer = 1;
const filesPerWorker = 3;

/** Divides `openFiles`, which may be infinite. `peers`: how many are in NameServers. */
export function budgetOf(
  openFiles: number,
  { peers, workers }: { peers: number; workers: number },
): DescriptorBudget {
  const files = filesOf(peers, workers);
  const rest = Math.max(0, openFiles - files);
  // What is wanted, but at most an eighth of what is left: most is for clients.
  const part = (wanted: number) => Math.max(1, Math.min(wanted, Math.floor(rest / 8)));
  const pings = part(wantedPings);
  // One for each before anything else: a peer that is refused for good is a fleet in parts.
  const sync = Math.max(part(linksOf(peers)), Math.min(peers, Math.floor(rest / 3)));
  const consoles = part(wantedConsoles);
  const clients = Math.min(wantedClients, rest - pings - sync - consoles);
  return { clients: Math.max(1, clients), pings, sync, consoles };
}

/** What to log about a limit that is too low; null: it suffices. */
export function shortageOf(
  openFiles: number,
  { peers, workers }: { peers: number; workers: number },
): string | null {
  const needed =
    filesOf(peers, workers) + wantedClients + wantedPings + linksOf(peers) + wantedConsoles;
  if (openFiles >= needed) return null;
  const { clients, pings, sync, consoles } = budgetOf(openFiles, { peers, workers });
  return `the limit of ${openFiles} open files leaves room for ${clients} clients, ${pings} pings, ${sync} connections of name servers and ${consoles} consoles at once; raise it to ${needed} (LimitNOFILE in ddnsd.service, or ulimit -n) for all of them`;
}

function filesOf(peers: number, workers: number): number {
  return filesOfProcess + filesPerPeer * peers + filesPerWorker * workers;
}

function linksOf(peers: number): number {
  return linksPerPeer * peers + otherLinks;
}
