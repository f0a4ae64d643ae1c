// The temporary folder in which a demo network keeps everything. Its name has the process that made
// it, so what a killed demo could not remove is known as such, and goes when the next one starts.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const named = /^ddns-demo-(\d+)-/;

export async function makeDemoFolder(): Promise<string> {
  await removeLeftOvers();
  return mkdtemp(join(tmpdir(), `ddns-demo-${process.pid}-`));
}

/** Never throws: what is still in use, or somebody else's, stays. */
export async function removeDemoFolder(folder: string): Promise<void> {
  // A name server that is about to end may still write.
  const patient = { maxRetries: 5, retryDelay: 100 };
  await rm(folder, { recursive: true, force: true, ...patient }).catch(() => {});
}

async function removeLeftOvers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = named.exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid))) await removeDemoFolder(join(tmpdir(), name));
  }
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
