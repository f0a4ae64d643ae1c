// How a program of the bench is run as a process of its own, from whatever folder.

/** The command for a file of this folder. */
export function programCommand(file: string, ...args: string[]): [string, ...string[]] {
  const path = new URL(file, import.meta.url).pathname;
  return [process.execPath, path, ...args];
}
