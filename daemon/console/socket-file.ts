// The IPC socket in the file system: one daemon a socket, members of its group may attach (0660). A
// file that was left behind by a killed daemon is replaced, one that answers is not.
import { lstatSync, mkdirSync, unlinkSync } from 'node:fs';
import { connect, type Server } from 'node:net';
import { dirname } from 'node:path';

/** umask that leaves 0660. */
const groupOnly = 0o117;

/** The IPC socket cannot be listened on; `message` ends with the next thing to do. */
export class SocketError extends Error {
  readonly code: 'already-running' | 'socket-failed';

  constructor(code: SocketError['code'], message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'SocketError';
    this.code = code;
  }
}

/** Listens on `path`. @throws SocketError */
export async function listenOnSocket(server: Server, path: string): Promise<void> {
  const isFile = process.platform !== 'win32';
  if (isFile) makeFolder(path);
  try {
    await listen(server, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw failed(path, error);
    const taken = await takenBy(path, error);
    if (taken !== null) throw taken;
    if (!isFile) throw failed(path, error);
    unlinkSync(path);
    await listen(server, path).catch((again: unknown) => {
      throw failed(path, again);
    });
  }
}

/** Why what is at `path` may not be replaced; null: nothing is, or a killed daemon left it behind. */
export async function takenBy(path: string, cause?: unknown): Promise<SocketError | null> {
  const isFile = process.platform !== 'win32';
  // What is at the path by mistake is somebody's file, and not ours to replace.
  if (isFile && lstatSync(path, { throwIfNoEntry: false })?.isSocket() === false)
    return failed(path, new Error('it is there and is not a socket'));
  const refused = await connectError(path);
  // Only these two say that nobody has it. A full queue (EAGAIN) does not: a daemon hangs, or is stopped.
  if (refused === 'ECONNREFUSED' || refused === 'ENOENT') return null;
  return new SocketError(
    'already-running',
    refused === null
      ? `a name server is running on ${path} already. Attach to it with: ddns-tui --socket ${path}`
      : `a process has the IPC socket ${path} and does not answer (${refused}): it hangs, or is stopped. Find it with: ss -xlp src ${path}; end it or let it go on, then start again`,
    cause,
  );
}

function makeFolder(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
  } catch (error) {
    throw failed(path, error);
  }
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', () => {
      server.off('error', reject);
      resolve();
    });
    // The mask is the whole process's, so it is back before anything else runs: the file is made within
    // this call, and only the news of it come later.
    const mask = process.umask(groupOnly);
    try {
      server.listen(path);
    } finally {
      process.umask(mask);
    }
  });
}

/** The system's code when nobody accepts; null: somebody does. */
function connectError(path: string): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(null);
    });
    socket.once('error', ({ code, message }: NodeJS.ErrnoException) => resolve(code ?? message));
  });
}

function failed(path: string, cause: unknown): SocketError {
  const said = cause instanceof Error ? cause.message : String(cause);
  return new SocketError(
    'socket-failed',
    `cannot listen on the IPC socket ${path} (${said}). Give the daemon's user write access to its folder, or set another Socket in ddns.conf`,
    cause,
  );
}
