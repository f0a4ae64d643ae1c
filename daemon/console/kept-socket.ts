// The IPC socket in the file system: one daemon per socket; members of its group may attach (mode 0660). A socket
// file left behind by a killed daemon is replaced; one that another process uses is not. When the file is
// deleted while the daemon runs (a cleaned /run), it is created again with the same rights; attached consoles
// stay attached. A named pipe on Windows has no file.
import { lstatSync, type Stats, unlinkSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { fileState, giveRights } from '../../shared/file-rights.ts';
import { makeFolders } from '../../shared/make-folders.ts';
import { type FileFate, fateOf } from '../core/registry/file-identity.ts';

/** The listening IPC socket. */
export class KeptSocket {
  private readonly path: string;
  private readonly accept: (socket: Socket) => void;
  private server: Server;
  private used: Stats | null = null;
  /** the rights of socket and folder at the last look: an operator may have changed them */
  private rights: { socket: Stats; folder: Stats } | null = null;
  /** what happened to the socket file, until it is created again; null: nothing */
  private lost: FileFate | null = null;
  private isMending = false;
  private isClosed = false;

  constructor(path: string, accept: (socket: Socket) => void) {
    this.path = path;
    this.accept = accept;
    this.server = createServer(accept);
  }

  /** Creates the socket and listens. @throws SocketError */
  async listen(): Promise<void> {
    await listenOnSocket(this.server, this.path);
    this.used = fileState(this.path);
    this.keepRights();
  }

  /**
   * Creates the socket file again when it was deleted or replaced; to be called once a second.
   * @returns a message for operators when it was; null otherwise
   * @throws SocketError when that is not possible now
   */
  async look(): Promise<string | null> {
    if (process.platform === 'win32' || this.isMending || this.isClosed) return null;
    if (this.used !== null) this.lost = fateOf(this.used, fileState(this.path));
    if (this.lost === null) {
      this.keepRights();
      return null;
    }
    this.isMending = true;
    try {
      return await this.mend(this.lost);
    } finally {
      this.isMending = false;
    }
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.end();
  }

  private async mend(fate: FileFate): Promise<string | null> {
    const taken = await takenBy(this.path);
    if (taken !== null) throw taken;
    if (this.isClosed) return null;
    this.used = null;
    void this.end();
    this.server = createServer(this.accept);
    const { rights } = this;
    const hasFolder = fileState(dirname(this.path)) !== null;
    await this.listen();
    if (rights !== null) {
      if (!hasFolder) giveRights(dirname(this.path), rights.folder);
      giveRights(this.path, rights.socket);
      this.keepRights();
    }
    if (this.isClosed) await this.end();
    this.lost = null;
    return `the IPC socket ${this.path} was ${fate} while ddnsd was running; it has been created again`;
  }

  /** Stops listening. Closing deletes the file by its name, so a file of another process is left open. */
  private async end(): Promise<void> {
    const { server } = this;
    if (!server.listening) return;
    const found = fileState(this.path);
    const isAnothers = this.used !== null && found !== null && fateOf(this.used, found) !== null;
    if (isAnothers) server.unref();
    else await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  private keepRights(): void {
    const [socket, folder] = [fileState(this.path), fileState(dirname(this.path))];
    if (socket !== null && folder !== null) this.rights = { socket, folder };
  }
}

/** The umask for mode 0660. */
const groupOnly = 0o117;

/** Listening on the IPC socket failed; `message` ends with the next step for operators. */
export class SocketError extends Error {
  readonly code: 'already-running' | 'socket-failed';

  constructor(code: SocketError['code'], message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'SocketError';
    this.code = code;
  }
}

/** Listens on `path`, and replaces a socket file left behind. @throws SocketError */
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

/** Why the file at `path` may not be replaced; null: there is none, or no process listens on it. */
export async function takenBy(path: string, cause?: unknown): Promise<SocketError | null> {
  const isFile = process.platform !== 'win32';
  // A file that is not a socket belongs to somebody else.
  if (isFile && lstatSync(path, { throwIfNoEntry: false })?.isSocket() === false)
    return failed(path, new Error('the file exists and is not a socket'));
  const refused = await connectError(path);
  // Only these two prove that no process listens. A full queue (EAGAIN) means that a daemon hangs or is stopped.
  if (refused === 'ECONNREFUSED' || refused === 'ENOENT') return null;
  return new SocketError(
    'already-running',
    refused === null
      ? `a name server is already running on ${path}. Attach to it with: ddns-tui --socket ${path}`
      : `a process holds the IPC socket ${path} but does not answer (${refused}): it hangs or is stopped. Find it with: ss -xlp src ${path}; end or resume it, then start ddnsd again`,
    cause,
  );
}

function makeFolder(path: string): void {
  try {
    makeFolders(dirname(path));
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
    // The umask belongs to the whole process. The file is created within this call, so the mask is restored
    // before anything else runs; only the event comes later.
    const mask = process.umask(groupOnly);
    try {
      server.listen(path);
    } finally {
      process.umask(mask);
    }
  });
}

/** The error code of connecting to `path`; null: a process accepted. */
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
    `cannot listen on the IPC socket ${path} (${said}). Give the user of ddnsd write access to its folder, or set another Socket in ddns.conf`,
    cause,
  );
}
