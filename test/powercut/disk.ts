// What a disk may hold after a power cut. Whatever was synced is there. Of what was written since, any part may be: all,
// none, the beginning of the last write, or some writes and not those before them. A new, renamed or deleted name is
// there for certain once its folder was synced, or, of a new file, the file itself (as ext4, XFS and Btrfs do it).
import type { Step } from './trace.ts';

/** Disks write sectors whole. */
const sectorBytes = 512;

type Change = { at: number; bytes: Buffer } | { size: number };

interface File {
  synced: Buffer;
  /** since, the oldest first */
  changes: Change[];
}

/** What a cut leaves of changes that were not synced. */
export const remainders = ['none', 'all', 'torn', 'some'] as const;
export type Remainder = (typeof remainders)[number];

/** The files by name. */
export type Image = Map<string, Buffer>;

/** A disk on which steps are repeated. */
export class Disk {
  private names = new Map<string, File>();
  private syncedNames = new Map<string, File>();
  private last: File | null = null;
  private readonly isSyncing: boolean;

  /**
   * @param isSyncing false: a disk that forgets what it was told to sync, to see that this is found
   * @param before the files that are there
   */
  constructor(isSyncing = true, before: Image = new Map()) {
    this.isSyncing = isSyncing;
    for (const [name, synced] of before) {
      const file = { synced, changes: [] };
      this.names.set(name, file);
      this.syncedNames.set(name, file);
    }
  }

  apply(step: Step): void {
    const { names } = this;
    switch (step.kind) {
      case 'create':
        if (!names.has(step.name)) names.set(step.name, { synced: Buffer.alloc(0), changes: [] });
        break;
      case 'write':
        this.change(step.name, { at: step.at, bytes: step.bytes });
        break;
      case 'truncate':
        this.change(step.name, { size: step.size });
        break;
      case 'unlink':
        names.delete(step.name);
        break;
      case 'rename':
        names.set(step.to, this.file(step.name));
        names.delete(step.name);
        break;
      case 'link':
        names.set(step.to, this.file(step.name));
        break;
      case 'sync':
        if (this.isSyncing) this.sync(step.name);
        break;
      case 'sync-folder':
        if (this.isSyncing) this.syncedNames = new Map(names);
        break;
    }
  }

  /** The files after a cut now. @param random from 0 up to 1, for `some` */
  image(remainder: Remainder, random: () => number): Image {
    const names = remainder === 'none' ? this.syncedNames : this.names;
    return new Map([...names].map(([name, file]) => [name, this.content(file, remainder, random)]));
  }

  private content(file: File, remainder: Remainder, random: () => number): Buffer {
    const { synced, changes } = file;
    switch (remainder) {
      case 'none':
        return synced;
      case 'all':
        return changed(synced, changes);
      case 'some':
        return changed(
          synced,
          changes.filter(() => random() < 1 / 2),
        );
      case 'torn': {
        const last = changes.at(-1);
        if (file !== this.last || last === undefined || !('bytes' in last))
          return changed(synced, changes);
        const half = Math.floor(last.bytes.length / 2 / sectorBytes) * sectorBytes;
        const torn = { at: last.at, bytes: last.bytes.subarray(0, half) };
        return changed(synced, [...changes.slice(0, -1), torn]);
      }
    }
  }

  private change(name: string, change: Change): void {
    const file = this.file(name);
    file.changes.push(change);
    this.last = file;
  }

  private sync(name: string): void {
    const file = this.file(name);
    file.synced = changed(file.synced, file.changes);
    file.changes = [];
    if (!this.syncedNames.has(name)) this.syncedNames.set(name, file);
  }

  private file(name: string): File {
    const file = this.names.get(name);
    if (file === undefined) throw new Error(`${name} was never created`);
    return file;
  }
}

function changed(before: Buffer, changes: readonly Change[]): Buffer {
  if (changes.length === 0) return before;
  let content = Buffer.from(before);
  for (const change of changes)
    if ('size' in change) content = resized(content, change.size);
    else {
      const end = change.at + change.bytes.length;
      if (end > content.length) content = resized(content, end);
      change.bytes.copy(content, change.at);
    }
  return content;
}

function resized(content: Buffer, size: number): Buffer<ArrayBuffer> {
  const other = Buffer.alloc(size);
  content.copy(other);
  return other;
}
