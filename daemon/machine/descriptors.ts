// Divides the file descriptors of this process among its parts (core/admission/descriptors.ts), and warns when the
// limit is low.

import { readFileSync } from 'node:fs';
import type { Settings } from '../../shared/config/settings.ts';
import { budgetOf, type DescriptorBudget, shortageOf } from '../core/admission/descriptors.ts';
import type { Logger } from '../log.ts';
import { processesFor, usableCores } from './cores.ts';

export interface DescriptorOptions {
  settings: Settings;
  log: Logger;
  /** instead of the system's limit, for tests */
  openFiles?: number;
}

/** The descriptors for each part; logs a warning when there are too few. */
export function divideDescriptors(options: DescriptorOptions): DescriptorBudget {
  const { settings, log, openFiles = openFilesLimit() } = options;
  const fleet = fleetOf(settings, settings.nameServers.length);
  const shortage = shortageOf(openFiles, fleet);
  if (shortage !== null) log.warn(shortage);
  return budgetOf(openFiles, fleet);
}

/** Connections from other name servers at once, at most, for `peers` of them. */
export function linksFor(options: DescriptorOptions, peers: number): number {
  const { settings, openFiles = openFilesLimit() } = options;
  return budgetOf(openFiles, fleetOf(settings, peers)).sync;
}

function fleetOf({ threads }: Settings, peers: number) {
  return { peers, workers: processesFor(threads, usableCores()) };
}

/**
 * The soft limit of open files, from proc(5) `limits`; infinity without that file. Node's own report is not used,
 * because it resolves the name of every peer on the way.
 */
export function openFilesLimit(): number {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    return Number(/^Max open files +(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
