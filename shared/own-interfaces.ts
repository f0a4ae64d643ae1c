// The network interfaces of this machine, as far as the system tells them. Asking takes a descriptor: while none is
// left, in a sandbox without AF_NETLINK, and on Android, Node throws, which is no reason for anybody to stop.
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';

/** Like os.networkInterfaces(); an interface without an address may have an empty list. */
export type NetworkInterfaces = NodeJS.Dict<NetworkInterfaceInfo[]>;

/** The interfaces that have addresses; null: the system does not tell them now. */
export function ownInterfaces(): NetworkInterfaces | null {
  try {
    return networkInterfaces();
  } catch {
    return null;
  }
}

/** Every address of them; none when the system does not tell. */
export function ownAddresses(): NetworkInterfaceInfo[] {
  return Object.values(ownInterfaces() ?? {}).flatMap((infos) => infos ?? []);
}
