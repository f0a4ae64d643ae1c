// The IPC socket for as long as the daemon runs. Whoever cleans /run, or a second program, may take its
// name away; then it is made anew, because a console finds it by nothing else. Consoles that are
// attached stay so, and who may attach stays as it was. On Windows a pipe has no file that could be taken.
import { type Stats, statSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { giveRights } from '../../shared/file-rights.ts';
import { type FileFate, fateOf } from '../core/registry/file-identity.ts';
import { listenOnSocket, takenBy } from './socket-file.ts';

export class KeptSocket {
  private readonly path: string;
  private readonly accept: (socket: Socket) => void;
  private server: Server;
  private used: Stats | null = null;
  /** those that an operator may have given them since they were made, at the last look */
  private rights: { socket: Stats; folder: Stats } | null = null;
  /** since it lost its name, until it has one again */
  private lost: FileFate | null = null;
  private isMending = false;
  private isClosed = false;

  constructor(path: string, accept: (socket: Socket) => void) {
    this.path = path;
    this.accept = accept;
    this.server = createServer(accept);
  }

  /** @throws SocketError */
  async listen(): Promise<void> {
    await listenOnSocket(this.server, this.path);
    this.used = stateOf(this.path);
    this.keepRights();
  }

  /**
   * Makes the socket anew when it has lost its name: to be called every second or so.
   * @returns what was mended, for people; null: nothing
   * @throws SocketError while it cannot be
   */
  async look(): Promise<string | null> {
    if (process.platform === 'win32' || this.isMending || this.isClosed) return null;
    if (this.used !== null) this.lost = fateOf(this.used, stateOf(this.path));
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
    const hasFolder = stateOf(dirname(this.path)) !== null;
    await this.listen();
    if (rights !== null) {
      if (!hasFolder) giveRights(dirname(this.path), rights.folder);
      giveRights(this.path, rights.socket);
      this.keepRights();
    }
    if (this.isClosed) await this.end();
    this.lost = null;
    return `the console's socket ${this.path} was ${fate} while ddnsd was running; it was made anew`;
  }

  /** Stops listening. That deletes the file by its name: only ours is. */
  private async end(): Promise<void> {
    const { server } = this;
    if (!server.listening) return;
    const found = stateOf(this.path);
    const isAnothers = this.used !== null && found !== null && fateOf(this.used, found) !== null;
    if (isAnothers) server.unref();
    else await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  private keepRights(): void {
    const [socket, folder] = [stateOf(this.path), stateOf(dirname(this.path))];
    if (socket !== null && folder !== null) this.rights = { socket, folder };
  }
}

function stateOf(path: string): Stats | null {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? null;
  } catch {
    return null;
  }
}
