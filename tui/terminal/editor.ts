// Lets the operator edit a text in an editor of their choice, which has the terminal meanwhile. The text is in a file
// that only they can read, in a folder of its own; both are removed afterwards.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';

/** Longest text that is read back: far more than any configuration has. */
const maxBytes = 4 * 1024 * 1024;

export type Edited = { text: string } | { failure: string };

/** `VISUAL`, else `EDITOR`, else an editor that every system has. It may have parameters. */
export function editorCommand(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  return env.VISUAL || env.EDITOR || (platform === 'win32' ? 'notepad' : 'vi');
}

/** Runs the editor and reads the text back. @param options.name of the file, by which editors choose a syntax */
export async function editText(
  text: string,
  { name, env, signal }: { name: string; env: NodeJS.ProcessEnv; signal: AbortSignal },
): Promise<Edited> {
  let folder: string | null = null;
  try {
    folder = await mkdtemp(join(tmpdir(), 'ddns-tui-'));
    const file = join(folder, name);
    await writeFile(file, text, { mode: 0o600 });
    const command = editorCommand(env, process.platform);
    const failure = await run(command, file, signal);
    if (failure !== null) return { failure: `${command} ${failure}; edits discarded` };
    const { size } = await stat(file);
    if (size > maxBytes) return { failure: `the text has ${size} bytes; at most ${maxBytes}` };
    return {
      text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await readFile(file)),
    };
  } catch (error) {
    const reason = error instanceof TypeError ? 'the text is not UTF-8' : String(error);
    return { failure: `${reason}; edits discarded` };
  } finally {
    if (folder !== null) await rm(folder, { recursive: true, force: true });
  }
}

/** @returns why it failed; null: it did not */
function run(command: string, file: string, signal: AbortSignal): Promise<string | null> {
  const options = { stdio: 'inherit', signal, killSignal: 'SIGHUP' } as const;
  const child =
    process.platform === 'win32'
      ? spawn(`${command} "${file}"`, { ...options, shell: true })
      : spawn('sh', ['-c', `${command} "$1"`, 'sh', file], options);
  return new Promise((resolve) => {
    child.once('error', ({ message }) => resolve(`failed: ${message}`));
    child.once('close', (code, ended) => {
      if (code === 0) resolve(null);
      // As a shell says it (POSIX); its own words are below the screen of the console by then.
      else if (code === 127) resolve('was not found; name another one in VISUAL or EDITOR');
      else
        resolve(
          ended ? `was ended by ${ended} (${constants.signals[ended]})` : `ended with code ${code}`,
        );
    });
  });
}
