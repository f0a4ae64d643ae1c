// `ddns-tui backup FILE`. The name server sends its database over the socket, and this program writes the file: the
// service may write nowhere but in its own folder, and a backup belongs to whoever made it.
import type { IpcClient } from '../../shared/ipc/client.ts';
import { exitCodes } from '../../shared/program.ts';
import { safe } from '../text/columns.ts';
import { counted, size } from '../text/format.ts';
import type { CommandLine } from './command-line.ts';
import { jsonText } from './plain/output.ts';
import { Progress } from './progress.ts';
import { type WholeFile, writeWholeFile } from './whole-file.ts';

const maxText = 4_096;

export function addBackup(line: CommandLine): void {
  line
    .command('backup', 'Copy the registry of the running name server into a file.')
    .argument('<file>', 'file to write; ddnsd --restore reads it')
    .option('--force', 'replace the file if it exists')
    .action(
      line.does((file: string, { force = false }: { force?: boolean }) =>
        backup(line, file, force),
      ),
    );
}

function backup(line: CommandLine, path: string, replace: boolean): Promise<number> {
  return line.withClient(async (client) => {
    const made = await writeWholeFile(path, { replace }, (file) => copyRegistry(client, file));
    const { live: hosts, bytes } = made;
    const text = `${safe(path, maxText)}: ${counted(hosts, 'host')}, ${size(bytes)}\n`;
    await line.output.write(line.printing.json ? jsonText({ file: path, hosts, bytes }) : text);
    return exitCodes.ok;
  });
}

/** Writes what the name server sends. @throws Error when it ends before it is complete */
async function copyRegistry(client: IpcClient, file: WholeFile) {
  const gone = client.closed.then(() => {
    throw new Error('the name server closed the connection; no file was written');
  });
  // It also ends with the command, when nobody waits for it any more.
  gone.catch(() => {});
  const progress = new Progress('backup');
  try {
    const begun = await Promise.race([client.beginBackup(), gone]);
    const { id, bytes } = begun;
    await file.needRoom(bytes);
    const ask = (at: number) => (at < bytes ? client.readBackup({ id, at }) : null);
    for (let at = 0, next = ask(0); next !== null; ) {
      const piece: Buffer = await Promise.race([next, gone]);
      at += piece.length;
      // The next piece comes while this one is written.
      next = ask(at);
      next?.catch(() => {});
      await file.write(piece);
      progress.show(at / bytes, `${size(at)} of ${size(bytes)}`);
    }
    return begun;
  } finally {
    progress.end();
  }
}
