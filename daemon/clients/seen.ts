// What a socket shows to people.
import type { Socket } from 'node:net';
import { formatAddress, packAddress } from '../../shared/protocol/address.ts';

/** Where a connection from the IP `from` comes from, as `ip:port`, and how much went in and out. */
export function seenOf(socket: Socket, from: string) {
  const address = packAddress(from, socket.remotePort ?? 0);
  return {
    source: address === null ? from : formatAddress(address, 0),
    bytesIn: socket.bytesRead,
    // What waits in this process counts as written for Node, and is not given to anybody yet.
    bytesOut: Math.max(0, socket.bytesWritten - socket.writableLength),
  };
}
