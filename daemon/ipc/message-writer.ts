// Writes to one console. A console may leave while it is being answered: vscode-jsonrpc then tries
// to answer with the error of the answer, and what fails there is a rejection that nobody handles,
// which would end the daemon. So a write that fails ends the connection, and is over.
import type { Socket } from 'node:net';
import { type Message, SocketMessageWriter } from 'vscode-jsonrpc/node';

export class ConsoleWriter extends SocketMessageWriter {
  private readonly console: Socket;

  constructor(socket: Socket) {
    super(socket);
    this.console = socket;
  }

  /** Resolves when the console has taken the message, or is gone. */
  override async write(message: Message): Promise<void> {
    if (this.console.destroyed) return;
    try {
      await super.write(message);
    } catch {
      this.console.destroy();
    }
  }
}
