// The file in which a node keeps the hosts it knows: one a line, `ip:port`, who vouches for it and
// when it was named (ms since 1970); by hand, `ip:port` is enough. The file is replaced as a whole, so
// that it is never half-written, where it can be. One with lines that are no hosts is moved aside, not overwritten; one
// that cannot be read is left alone.
import { constants } from 'node:fs';
import { open, realpath, rename, unlink } from 'node:fs/promises';
import { formatAddress, parseAddress } from '../protocol/address.ts';
import type { KnownHost } from './known-hosts.ts';

export type KeptHost = Pick<KnownHost, 'address' | 'source' | 'namedAt'>;

/** A million hosts, as many as a name server holds, each with the longest address. */
const maxFileBytes = 80 * 1_000_000;

/** How the system refuses to give a name to another file, which says nothing of the file itself. */
const heldCodes = ['EBUSY', 'EXDEV', 'EACCES', 'EPERM'];

const line = /^(\S+)(?: (name-server|node) (\d{1,15}))?$/;

export class KnownHostsFile {
  private readonly file: string;
  private readonly onTrouble: (text: string) => void;
  /** Whether what was in the file is known here or moved aside: nothing is written before. */
  private isWritable = false;
  private writing: Promise<void> | null = null;
  private next: (() => Iterable<KeptHost>) | null = null;

  /** `onTrouble` is told what went wrong, in a sentence. */
  constructor(file: string, onTrouble: (text: string) => void) {
    this.file = file;
    this.onTrouble = onTrouble;
  }

  /** The hosts in the file; none when it is missing or cannot be read. To be called once, first. */
  async read(): Promise<KeptHost[]> {
    let text: string;
    try {
      // Without O_NONBLOCK, opening a named pipe would wait for a writer.
      const handle = await open(this.file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
      try {
        const found = await handle.stat();
        if (!found.isFile()) {
          this.onTrouble(`${this.file}: it is no regular file; going on without the file`);
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
      this.onTrouble(`${this.file}: ${message}; going on without the file`);
      return [];
    }
    const lines = text.split('\n').filter((each) => each.trim() !== '');
    const hosts = lines.map(parseLine).filter((host) => host !== null);
    const skipped = lines.length - hosts.length;
    if (skipped === 0) this.isWritable = true;
    else await this.putAside(`${skipped} of ${lines.length} lines are no hosts and left out`);
    return hosts;
  }

  /**
   * Writes what `hosts` returns when it is asked, which is later than now while an earlier list is
   * being written; of those that wait only the last one is. Resolves always, when the file is as told.
   */
  write(hosts: () => Iterable<KeptHost>): Promise<void> {
    this.next = hosts;
    this.writing ??= this.writeAll();
    return this.writing;
  }

  private async writeAll(): Promise<void> {
    // The changes of one turn of the event loop are one list.
    await null;
    while (this.next !== null) {
      const hosts = this.next;
      this.next = null;
      try {
        if (this.isWritable) await replace(this.file, formatted(hosts()));
      } catch (error) {
        this.onTrouble(`${this.file}: ${(error as Error).message}; the list is not kept`);
      }
    }
    this.writing = null;
  }

  private async putAside(why: string): Promise<void> {
    const aside = `${this.file}.bad`;
    try {
      await rename(this.file, aside);
      this.isWritable = true;
      this.onTrouble(`${this.file}: ${why}; it is kept as ${aside}`);
    } catch (error) {
      this.onTrouble(
        `${this.file}: ${why}, and it cannot be moved aside (${(error as Error).message}); it is left as it is`,
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

/** A link to the file stays one. A file that is mounted by itself, or in a folder of others, is written over. */
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
    await handle.sync();
  } finally {
    await handle.close();
  }
}
