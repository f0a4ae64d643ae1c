// The inputs that are kept with the project: of each target a file `corpus/<target>.txt`, and `crashes/<target>.txt` with
// those that showed a fault once. An input is a line, a JSON string with a character for each byte.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';

export type Kind = 'corpus' | 'crashes';

function fileOf(kind: Kind, target: string): URL {
  return new URL(`${kind}/${target}.txt`, import.meta.url);
}

/** The inputs that are kept. */
export function readKept(kind: Kind, target: string): Buffer[] {
  const file = fileOf(kind, target);
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => Buffer.from(JSON.parse(line), 'latin1'));
}

/** Keeps these inputs, each once, the shortest first, instead of those before. */
export function writeKept(kind: Kind, target: string, inputs: readonly Buffer[]): void {
  const lines = new Set(inputs.map((input) => written(input)));
  const file = fileOf(kind, target);
  mkdirSync(new URL('.', file), { recursive: true });
  const sorted = [...lines].toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1));
  writeFileSync(file, sorted.map((line) => `${line}\n`).join(''));
}

/** JSON in ASCII, so that no editor changes it. */
function written(input: Buffer): string {
  return JSON.stringify(input.toString('latin1')).replace(
    /[\x7f-\xff]/g,
    (character) => `\\u00${character.charCodeAt(0).toString(16)}`,
  );
}
