// Takes a socket out of this process's hands, so that another one can read on where this one stopped.
import type { Socket } from 'node:net';

/**
 * Stops to read from `socket`, which has no listeners any more; returns what was read and is in
 * nobody's hands yet: `first`, and what came while it was paused. What comes from now on stays with
 * the kernel. Pausing alone would not do: Node reads on into the stream's buffer, which is not passed
 * on with the socket, so its handle is told (it is not in Node's documentation).
 */
export function stopReading(socket: Socket, first: Buffer): Buffer {
  const { _handle: handle } = socket as Socket & { _handle?: { readStop(): void } | null };
  handle?.readStop();
  socket.pause();
  const rest = socket.read() as Buffer | null;
  return rest === null ? first : Buffer.concat([first, rest]);
}
