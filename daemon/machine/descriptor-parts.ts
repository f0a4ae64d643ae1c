// Shares out what this process may have open (core/admission/descriptors.ts), and says when that is little.
import type { Settings } from '../../shared/config/settings.ts';
import { budgetOf, type DescriptorBudget, shortageOf } from '../core/admission/descriptors.ts';
import type { Logger } from '../log.ts';
import { processesFor, usableCores } from './cores.ts';
import { openFilesLimit } from './open-file-limit.ts';

export interface DescriptorOptions {
  settings: Settings;
  log: Logger;
  /** instead of the system's limit */
  openFiles?: number;
}

export function divideDescriptors(options: DescriptorOptions): DescriptorBudget {
  const { settings, log, openFiles = openFilesLimit() } = options;
  const fleet = {
    peers: settings.nameServers.length,
    workers: processesFor(settings.threads, usableCores()),
  };
  const shortage = shortageOf(openFiles, fleet);
  if (shortage !== null) log.warn(shortage);
  return budgetOf(openFiles, fleet);
}
