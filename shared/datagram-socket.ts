// UDP sockets that never ask a resolver: every address is an IP address, and Node would wait a round of the event loop
// to look up each destination, with an unbounded queue.
import { createSocket, type Socket, type SocketOptions } from 'node:dgram';
import { isIPv6 } from 'node:net';

/** A socket of the family of `address`, not bound yet. Its `bind` emits `listening` or `error` before it returns. */
export function createDatagramSocket(
  address: string,
  options: Omit<SocketOptions, 'type' | 'lookup'> = {},
): Socket {
  return createSocket({
    ...options,
    type: isIPv6(address) ? 'udp6' : 'udp4',
    lookup: (host, _options, done) => done(null, host, host.includes(':') ? 6 : 4),
  });
}
