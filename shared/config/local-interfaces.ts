// The interfaces of this machine with their addresses, those without one included: Node lists only
// interfaces that are up and have an address.
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import type { NetworkInterfaces } from './interface-address.ts';

/** Where Linux lists them, a line for each: those of this process's network namespace. */
const linuxList = '/proc/self/net/dev';

export function localInterfaces(): NetworkInterfaces {
  const found: NetworkInterfaces = { ...networkInterfaces() };
  for (const name of linuxNames()) found[name] ??= [];
  return found;
}

function linuxNames(): string[] {
  try {
    const list = readFileSync(linuxList, 'utf8');
    return [...list.matchAll(/^ *([^\s:]+): /gm)].map(([, name = '']) => name);
  } catch {
    return [];
  }
}
