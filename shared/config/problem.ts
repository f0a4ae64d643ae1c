// What is wrong with a configuration, so that an operator can fix it: file, line, the value as written, and
// what is allowed. All problems of a configuration are reported at once.
import { printable } from '../output/printable.ts';

/** One mistake. */
export interface ConfigurationProblem {
  file: string;
  /** 1 for the first line; null if it concerns the whole file */
  line: number | null;
  /** the setting as spelled in the file; null if the line names none */
  name: string | null;
  /** the value as written in the file; null if there is none */
  value: string | null;
  /** what is wrong and what is allowed; may contain text of the file, which `formatProblem` escapes */
  message: string;
}

/** Most problems in one message: a screenful. A file with more is not a ddns.conf. */
export const maxProblemsListed = 50;

/** Most characters shown of each part: a longer one is recognised by its beginning. */
const maxNameShown = 40;
const maxValueShown = 80;
const maxPathShown = 4096;
const maxMessageShown = 4096;

/** The problem as a printable line: `FILE:LINE: Name=value: message`. */
export function formatProblem({ file, line, name, value, message }: ConfigurationProblem): string {
  const place = printable(file, maxPathShown) + (line === null ? '' : `:${line}`);
  const assignment =
    name === null
      ? ''
      : `${printable(name, maxNameShown)}=${printable(value ?? '', maxValueShown)}: `;
  return `${place}: ${assignment}${printable(message, maxMessageShown)}`;
}

/** The configuration cannot be used; `message` has one line for each problem. */
export class ConfigurationError extends Error {
  readonly code = 'configuration';
  readonly problems: ConfigurationProblem[];

  constructor(problems: ConfigurationProblem[], cause?: unknown) {
    const listed = problems.slice(0, maxProblemsListed).map(formatProblem);
    const more = problems.length - listed.length;
    if (more > 0) listed.push(`and ${more} more`);
    super(listed.join('\n'), { cause });
    this.name = 'ConfigurationError';
    this.problems = problems;
  }
}
