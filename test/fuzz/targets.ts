// Everything of ours that decodes what somebody else wrote.
import type { Target } from './target.ts';
import { consoleTargets } from './targets/console.ts';
import { dnsTargets } from './targets/dns.ts';
import { fileTargets } from './targets/files.ts';
import { wireTargets } from './targets/wire.ts';

export const targets: readonly Target[] = [
  ...wireTargets,
  ...dnsTargets,
  ...fileTargets,
  ...consoleTargets,
];
