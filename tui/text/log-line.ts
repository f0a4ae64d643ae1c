// A line of the log in words, the same on the screen and in print.

import { fieldText, type LogLine } from '../../shared/output/log-line.ts';
import { safe } from './columns.ts';

/** `error` and `debug`; the others are shorter. */
export const levelColumns = 5;

/** As much of a message as the daemon logs, with every character of it escaped. */
const maxMessage = 65_536;
const maxField = 8_192;

export function levelText(level: string): string {
  return safe(level, levelColumns).padEnd(levelColumns);
}

/** Message and fields, and where the fields begin. */
export function lineText({ msg, fields }: LogLine): { text: string; fieldsFrom: number } {
  const message = safe(msg, maxMessage);
  const named = Object.entries(fields).map((field) => safe(fieldText(field), maxField));
  return {
    text: named.length === 0 ? message : `${message}  ${named.join(' ')}`,
    fieldsFrom: message.length,
  };
}
