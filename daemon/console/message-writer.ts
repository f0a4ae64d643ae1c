// Writes to one console. A console may leave while it is being answered: vscode-jsonrpc then tries
// to answer with the error of the answer, and what fails there is a rejection that nobody handles,
// which would end the daemon. So a write that fails ends the connection, and is over. It is known
// since when the console has not taken an answer.
import type { Socket } from 'node:net';
import { Message, SocketMessageWriter } from 'vscode-jsonrpc/node';

export class ConsoleWriter extends SocketMessageWriter {
  private readonly console: Socket;
  /** for each answer that the console has not taken, since when: monotonic milliseconds */
  private readonly untaken = new Set<{ since: number }>();

  constructor(socket: Socket) {
    super(socket);
    this.console = socket;
  }

  /** For how long the console has not taken an answer; 0: it has all. */
  untakenForMs(now: number): number {
    const [longest] = this.untaken;
    return longest === undefined ? 0 : now - longest.since;
  }

  /** Resolves when the console has taken the message, or is gone. */
  override async write(message: Message): Promise<void> {
    if (this.console.destroyed) return;
    const answer = { since: performance.now() };
    // Of updates there is one at most: they are left out for a console that does not take them.
    if (Message.isResponse(message)) this.untaken.add(answer);
    try {
      await super.write(message);
    } catch {
      this.console.destroy();
    } finally {
      this.untaken.delete(answer);
    }
  }
}
