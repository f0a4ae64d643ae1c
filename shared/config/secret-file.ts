// Reads the file that SecretFile names: one line, the secret, white space around it left out.
import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { maxSecretLength, minSecretLength, Secret, secretMistake, secretRecipe } from './secret.ts';

/** Room for the longest secret in any alphabet, and for a line end. */
const maxFileBytes = 4 * maxSecretLength + 64;

const notRegular = 'is not a regular file; name the file that holds the secret';

export type SecretReading =
  | { secret: Secret; warning: string | null }
  | { secret: null; message: string };

/** The secret in `file` (absolute), or what is wrong: with the file's name and what to do. */
export async function readSecretFile(file: string): Promise<SecretReading> {
  const wrong = (message: string): SecretReading => ({
    secret: null,
    message: `${file} ${message}`,
  });
  try {
    // Not opened to find out: opening a device may do something.
    if (!(await stat(file)).isFile()) return wrong(notRegular);
    // Without O_NONBLOCK, opening a named pipe would wait for a writer.
    const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const found = await handle.stat();
      if (!found.isFile()) return wrong(notRegular);
      const { size, mode } = found;
      if (size > maxFileBytes)
        return wrong(
          `has ${size} bytes, and a secret at most ${maxSecretLength} characters; name the file that holds the secret`,
        );
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(size), 0, size, 0);
      const text = decode(buffer.subarray(0, bytesRead));
      if (text === null)
        return wrong(`is not UTF-8 text; make one with: ${secretRecipe} > ${file}`);
      if (text === '')
        return wrong(
          `is empty; must hold ${minSecretLength} to ${maxSecretLength} characters. Make one with: ${secretRecipe} > ${file}`,
        );
      const mistake = secretMistake(text);
      if (mistake !== null) return wrong(mistake);
      return { secret: new Secret(text), warning: await openToAll(file, mode) };
    } finally {
      await handle.close();
    }
  } catch (error) {
    return wrong(explain(error as NodeJS.ErrnoException, file));
  }
}

/** A warning when everybody on this machine can read `file`, which holds a secret; else null. */
export async function openToAll(file: string, mode: number): Promise<string | null> {
  // On Windows the mode says nothing about who may read.
  if (process.platform === 'win32' || (mode & 0o004) === 0) return null;
  const folder = await stat(dirname(file)).catch(() => null);
  if (folder !== null && (folder.mode & 0o001) === 0) return null;
  return `${file} holds the secret and can be read by everybody on this machine; chmod o-rwx ${file}`;
}

function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).trim();
  } catch {
    return null;
  }
}

function explain({ code, message }: NodeJS.ErrnoException, file: string): string {
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return `does not exist. Make it with: ${secretRecipe} > ${file}   and copy it to the other name servers`;
    case 'EACCES':
    case 'EPERM':
      return 'may not be read by this user; give it to the user that ddnsd runs as (chown)';
    default:
      return `cannot be read: ${message}`;
  }
}
