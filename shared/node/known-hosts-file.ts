// The file in which a node keeps the hosts it knows, one per line: `ip:port`, who named it, and when (ms since
// 1970). A person may write `ip:port` alone. Where possible the file is replaced as a whole, so that it is never
// half written. A file with malformed lines is renamed, not overwritten; one that cannot be read is left alone.
import { constants } from 'node:fs';
import { open, realpath, rename, unlink } from 'node:fs/promises';
import { flush } from '../flush.ts';
import { formatAddress, parseAddress } from '../protocol/address.ts';
import type { KnownHost } from './known-hosts.ts';

/** A host as the file keeps it. */
export type KeptHost = Pick<KnownHost, 'address' | 'source' | 'namedAt'>;

/** Most bytes of the file: a million hosts, as many as a name server holds, each with the longest address. */
const maxFileBytes = 80 * 1_000_000;

/** Error codes of a rename that the folder or mount refuses, although the file itself may be writable. */
const heldCodes = ['EBUSY', 'EXDEV', 'EACCES', 'EPERM'];

const line = /^(\S+)(?: (name-server|node) (\d{1,15}))?$/;

/** The known-hosts file of one node. */
export class KnownHostsFile {
  private readonly file: string;
  private readonly onTrouble: (text: string) => void;
  /** whether the old content was read or renamed; nothing is written before */
  private isWritable = false;
  private writing: Promise<void> | null = null;
  private next: (() => Iterable<KeptHost>) | null = null;

  /** @param onTrouble called with a sentence for everything that goes wrong */
  constructor(file: string, onTrouble: (text: string) => void) {
    this.file = file;
    this.onTrouble = onTrouble;
  }

  /** Reads the hosts; none if the file is missing or cannot be read. Call it once, before `write`. */
  async read(): Promise<KeptHost[]> {
    let text: string;
    try {
      // Without O_NONBLOCK, opening a named pipe would wait for a writer.
      const handle = await open(this.file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
      try {
        const found = await handle.stat();
        if (!found.isFile()) {
          this.onTrouble(`${this.file}: it is not a regular file; continuing without it`);
          return [];
        }
        if (found.size > maxFileBytes) {
          await this.putAside(`${found.size} bytes are no list of hosts (at most ${maxFileBytes})`);
          return [];
        }
        text = await handle.readFile('utf8');
      } finally {
        await handle.close();
      }
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      this.isWritable = code === 'ENOENT';
      if (this.isWritable) return [];
      this.onTrouble(`${this.file}: ${message}; continuing without it`);
      return [];
    }
    const lines = text.split('\n').filter((each) => each.trim() !== '');
    const hosts = lines.map(parseLine).filter((host) => host !== null);
    const skipped = lines.length - hosts.length;
    if (skipped === 0) this.isWritable = true;
    else await this.putAside(`${skipped} of ${lines.length} lines are not hosts and were skipped`);
    return hosts;
  }

  /**
   * Writes the hosts that `hosts` returns, after an earlier write has finished; of several waiting calls only the
   * last one is written. Always resolves, once the file is written or has failed.
   */
  write(hosts: () => Iterable<KeptHost>): Promise<void> {
    this.next = hosts;
    this.writing ??= this.writeAll();
    return this.writing;
  }

  private async writeAll(): Promise<void> {
    // Changes within one turn of the event loop are one write.
    await null;
    while (this.next !== null) {
      const hosts = this.next;
      this.next = null;
      try {
        if (this.isWritable) await replace(this.file, formatted(hosts()));
      } catch (error) {
        this.onTrouble(`${this.file}: ${(error as Error).message}; the list is not saved`);
      }
    }
    this.writing = null;
  }

  private async putAside(why: string): Promise<void> {
    const aside = `${this.file}.bad`;
    try {
      await rename(this.file, aside);
      this.isWritable = true;
      this.onTrouble(`${this.file}: ${why}; it was renamed to ${aside}`);
    } catch (error) {
      this.onTrouble(
        `${this.file}: ${why}, and it cannot be renamed (${(error as Error).message}); it was left unchanged`,
      );
    }
  }
}

function parseLine(text: string): KeptHost | null {
  const [, written = '', source, digits] = line.exec(text.trim()) ?? [];
  const words = parseAddress(written);
  if (words === null) return null;
  return {
    address: formatAddress(words, 0),
    source: source === 'name-server' ? source : 'node',
    namedAt: Number(digits ?? 0),
  };
}

function formatted(hosts: Iterable<KeptHost>): string {
  const lines: string[] = [];
  for (const { address, source, namedAt } of hosts) lines.push(`${address} ${source} ${namedAt}\n`);
  return lines.join('');
}

/** Replaces the file; a link to it stays a link. If it is a mount, or its folder is not writable, it is overwritten. */
async function replace(file: string, text: string): Promise<void> {
  const target = await realpath(file).catch(() => file);
  const draft = `${target}.${process.pid}.new`;
  try {
    await writeWhole(draft, 'w', text);
    await rename(draft, target);
  } catch (error) {
    await unlink(draft).catch(() => {});
    const isHeld = heldCodes.includes((error as NodeJS.ErrnoException).code ?? '');
    if (!isHeld) throw error;
    await writeWhole(target, 'r+', text).catch(() => {
      throw error;
    });
  }
}

async function writeWhole(file: string, flags: 'w' | 'r+', text: string): Promise<void> {
  const handle = await open(file, flags);
  try {
    await handle.writeFile(text);
    await handle.truncate(Buffer.byteLength(text));
    await flush(handle);
  } finally {
    await handle.close();
  }
}
