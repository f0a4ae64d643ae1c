// RESULTS.md: a section for each part, written by the bench and by nobody else. A part that is
// measured again replaces its section and leaves the others as they are.
import { readFileSync, writeFileSync } from 'node:fs';

export const resultsFile = new URL('RESULTS.md', import.meta.url).pathname;

const head = `# What the bench measured

Written by \`npm run bench\`; each section says when, and on what. Figures of different sections, or of
different runs, do not compare: only what stands in one table was measured side by side.
`;

export interface Section {
  name: string;
  /** Markdown below the heading */
  body: string;
}

export function writeSection(file: string, section: Section, order: readonly string[]): void {
  const sections = new Map(read(file).map((each) => [each.name, each]));
  sections.set(section.name, section);
  const place = ({ name }: Section) => order.indexOf(name);
  const written = [...sections.values()].toSorted((a, b) => place(a) - place(b));
  const texts = written.map(({ name, body }) => `## ${name}\n\n${body.trim()}\n`);
  writeFileSync(file, [head, ...texts].join('\n'));
}

function read(file: string): Section[] {
  let text = '';
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return [];
  }
  return text
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const end = section.indexOf('\n');
      return { name: section.slice(0, end), body: section.slice(end) };
    });
}
