// startup.dycfg: the file a name server looks for when it starts. Its one variable, DDNS_CONF_PATH,
// names ddns.conf. Same format as ddns.conf (conf-file.ts).
import { inOrder, readAssignments } from './assignments.ts';
import { type EncodingProblem, parseConf } from './conf-file.ts';
import { resolveBeside } from './paths.ts';
import type { ConfigurationProblem } from './problem.ts';
import { parseValue, path } from './setting-values.ts';

export const confPathName = 'DDNS_CONF_PATH';

const allowed = 'the path of ddns.conf; a relative one starts at the folder of startup.dycfg';

export interface StartupResult {
  /** absolute path of ddns.conf and the line that names it; null when no usable line does */
  conf: { file: string; line: number; name: string; value: string } | null;
  problems: ConfigurationProblem[];
}

export function readStartup(
  text: string,
  { file, platform }: { file: string; platform: NodeJS.Platform },
  encodingProblems: readonly EncodingProblem[] = [],
): StartupResult {
  const known = [{ name: confPathName, allowed }];
  const document = parseConf(text);
  const { assignments, problems } = readAssignments(document, known, file, encodingProblems);
  const given = assignments.get(confPathName);
  if (!given) {
    const message = `does not say where ddns.conf is; add a line such as ${confPathName}=ddns.conf`;
    // A line that tried and failed is already a problem of its own.
    if (problems.length === 0)
      problems.push({ file, line: null, name: null, value: null, message });
    return { conf: null, problems };
  }
  const parsed = parseValue(path, given.value);
  if ('message' in parsed) {
    problems.push({ file, ...given, message: parsed.message });
    return { conf: null, problems: inOrder(problems) };
  }
  return { conf: { ...given, file: resolveBeside(file, parsed.value, platform) }, problems };
}
