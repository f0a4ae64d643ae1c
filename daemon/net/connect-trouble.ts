// Why a peer cannot be connected to, said so that an operator knows what to do.

const check = 'check its address in NameServers, and the firewalls between';

/** What the system said of an attempt to connect. */
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
      return `cannot be reached from here (${code}): there is no way to its network; ${check}`;
    case 'EADDRNOTAVAIL':
      return 'cannot be dialled from the address in Interface: this machine does not have it now, or no free port at it';
    case 'EINVAL':
      return 'cannot be dialled from the address in Interface: it is no address of the same network; set Interface to 0.0.0.0, or :: for IPv6';
    case 'EACCES':
    case 'EPERM':
      return `may not be dialled from here (${code}): a firewall of this machine, or its service's sandbox, forbids it`;
    case 'EMFILE':
    case 'ENFILE':
      return `cannot be dialled (${code}): too many open files here; raise LimitNOFILE`;
    default:
      return `cannot be connected to (${code ?? message}); ${check}`;
  }
}

/** Nothing came back for that long. */
export function connectTimeout(afterMs: number): string {
  return `does not answer within ${afterMs / 1_000} s; ${check}`;
}
