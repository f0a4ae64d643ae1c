// What is wrong with a configuration, said so that an operator can mend it: file, line, the value
// as written, what is allowed. A configuration is refused with all of its problems at once.
import { printable } from '../output/printable.ts';

export interface ConfigurationProblem {
  file: string;
  /** 1 for the first line; null when the problem is the file as a whole */
  line: number | null;
  /** the setting as it is spelled in the file; null when the line names none */
  name: string | null;
  /** the value as it is written in the file; null when there is none */
  value: string | null;
  /** what is wrong and what is allowed; it may hold text from the file, `formatProblem` escapes it */
  message: string;
}

/** Most problems spelled out in one message: a screenful. More than that is not a ddns.conf. */
export const maxProblemsListed = 50;

/** Cuts for one report line: whatever is longer is recognised by its beginning. */
const maxNameShown = 40;
const maxValueShown = 80;
const maxPathShown = 4096;
const maxMessageShown = 4096;

/** `FILE:LINE: Name=value: message`, printable. */
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
