// Host names in NameServers that lead to this server itself: its own, at a loopback address on many systems, and by
// mistake one that all servers have in common.
import { ownAddresses } from '../../shared/own-interfaces.ts';
import {
  addressWords,
  formatAddress,
  formatIp,
  packAddress,
  parseAddress,
} from '../../shared/protocol/address.ts';
import { addressKind, kindOf } from '../../shared/protocol/address-kind.ts';

/** Where a packed address has its port. */
const portWord = addressWords - 1;

/**
 * Many systems have the machine's own name at a loopback address (Debian: 127.0.1.1), where nothing listens. Where this
 * server listens is the same machine: dialled there, it recognises itself.
 * @param addresses `ip:port` each
 * @param from the IP at which this server listens; undefined: everywhere
 */
export function alsoHere(
  addresses: readonly string[],
  from: string | undefined,
): readonly string[] {
  const here = from === undefined ? null : packAddress(from, 1);
  if (here === null || isLoopback(here)) return addresses;
  const added = addresses.flatMap((address) => {
    const words = parseAddress(address);
    if (words === null || !isLoopback(words)) return [];
    here[portWord] = words[portWord] as number;
    return [formatAddress(here, 0)];
  });
  return [...new Set([...addresses, ...added])];
}

/**
 * Refuses a name of several servers, such as that of a Kubernetes service. One of them would be dialled, which is this
 * server for some of them, and the others would be missing without a word.
 * @param addresses those of one name, `ip:port` each
 * @param listen where this server is reached, `ip:port`
 * @throws Error for operators
 */
export function refuseCommonName(addresses: readonly string[], listen: string): void {
  const own = new Set(ownAddresses().map(({ address }) => canonical(address)));
  own.add(ipOf(listen));
  const isOwn = (address: string) => {
    const words = parseAddress(address);
    return words !== null && (isLoopback(words) || own.has(formatIp(words, 0)));
  };
  const others = addresses.filter((address) => !isOwn(address));
  if (others.length === 0 || others.length === addresses.length) return;
  throw new Error(
    `is a name of this server and of others (${others.map(ipOf).join(', ')}): give each server a name of its own in NameServers, or list their addresses; if all of that is this server, set Advertise`,
  );
}

function isLoopback(words: Uint32Array): boolean {
  return kindOf(words, 0) === addressKind.loopback;
}

function ipOf(address: string): string {
  const words = parseAddress(address);
  return words === null ? address : formatIp(words, 0);
}

/** An IP in the one form in which addresses are compared. */
function canonical(ip: string): string {
  const words = packAddress(ip, 1);
  return words === null ? ip : formatIp(words, 0);
}
