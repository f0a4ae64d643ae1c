// The hosts a node knows, in memory and in a file of one `ip:port` a line. The file is replaced as
// a whole, so that it is never half-written; a line that is no address is skipped, and a file that
// cannot be read is an empty list: the name servers have a better one.
import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { type AddressList, formatAddress, parseAddress } from '../protocol/address.ts';

/** As many as a name server holds. */
const maxKnownHosts = 1_000_000;

/** A full file of the longest addresses. */
const maxFileBytes = 48 * maxKnownHosts;

export interface Change {
  added: string[];
  gone: string[];
}

export class KnownHosts {
  private readonly hosts = new Set<string>();
  /** The node's own address, which is in no list of its own. */
  own = '';

  get size(): number {
    return this.hosts.size;
  }

  texts(): string[] {
    return [...this.hosts];
  }

  /** Applies a name server's list; `replaces`: it is every live host. */
  apply(hosts: AddressList, gone: AddressList, replaces: boolean): Change {
    const named = new Set(hosts.toTexts());
    const change: Change = { added: [], gone: [] };
    const forgotten = replaces ? this.texts().filter((host) => !named.has(host)) : gone.toTexts();
    for (const host of forgotten) if (this.hosts.delete(host)) change.gone.push(host);
    for (const host of named) if (this.add(host)) change.added.push(host);
    return change;
  }

  /** Reads `file`; returns what was wrong with it, in a sentence, or null. */
  async read(file: string): Promise<string | null> {
    let text: string;
    try {
      const { size } = await stat(file);
      if (size > maxFileBytes)
        return `${file}: ${size} bytes are no list of hosts (at most ${maxFileBytes}); starting without it`;
      text = await readFile(file, 'utf8');
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      return code === 'ENOENT' ? null : `${file}: ${message}; starting without it`;
    }
    let skipped = 0;
    for (const line of text.split('\n')) {
      const words = parseAddress(line.trim());
      if (words !== null) this.add(formatAddress(words, 0));
      else if (line.trim() !== '') skipped++;
    }
    return skipped === 0 ? null : `${file}: ${skipped} lines are no ip:port, skipped`;
  }

  /** @throws the file system's error */
  async write(file: string): Promise<void> {
    const draft = `${file}.new`;
    await writeFile(
      draft,
      this.texts()
        .map((host) => `${host}\n`)
        .join(''),
    );
    await rename(draft, file);
  }

  private add(host: string): boolean {
    if (host === this.own || this.hosts.has(host) || this.hosts.size === maxKnownHosts)
      return false;
    this.hosts.add(host);
    return true;
  }
}
