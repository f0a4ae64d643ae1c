// Creates a folder and those above it. Node's own way (`recursive: true`) asks for the same folder for ever where a file
// system says that it is missing although the one above is there, as /proc does.
import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * @param path of the folder; it may exist
 * @param mode of those that are created, before the process's umask
 * @throws Error with the code of the system; EROFS where the file system takes no folders
 */
export function makeFolders(path: string, mode = 0o777): void {
  const folder = resolve(path);
  if (isFolder(folder)) return;
  const above = dirname(folder);
  if (above !== folder) makeFolders(above, mode);
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Another process may have been faster.
    if (code === 'EEXIST' && isFolder(folder)) return;
    if (code !== 'ENOENT' || !isFolder(above)) throw error;
    const message = `${folder} cannot be created: the file system of ${above} takes no new folders; choose another path`;
    throw Object.assign(new Error(message, { cause: error }), { code: 'EROFS', path: folder });
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
