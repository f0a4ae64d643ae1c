// Checking while the operator types, with the daemon's own code. It brings zod along, so the console
// loads it when the Config view is first looked at.
import { parseConf, unwritable } from '../../../shared/config/conf-file.ts';
import { parseValue } from '../../../shared/config/setting-values.ts';
import { settingNamed } from '../../../shared/config/settings.ts';
import { validateConf } from '../../../shared/config/validate.ts';

export interface DraftValidation {
  /** What is wrong with a value by itself; null when nothing is. */
  value(name: string, value: string): string | null;
  /** What is wrong in a whole ddns.conf, for each setting the first. */
  text(text: string, file: string): ReadonlyMap<string, string>;
}

export const validation: DraftValidation = {
  value: (name, value) => {
    const definition = settingNamed(name);
    const reason = unwritable(value);
    if (reason !== null) return `the value ${reason}`;
    if (definition === undefined) return null;
    const parsed = parseValue<unknown>(definition.schema, value);
    return 'message' in parsed ? parsed.message : null;
  },
  text: (text, file) => {
    const { problems } = validateConf(parseConf(text), { file, platform: process.platform });
    const found = new Map<string, string>();
    for (const { name, message } of problems.toReversed()) {
      const definition = name === null ? undefined : settingNamed(name);
      if (definition) found.set(definition.name, message);
    }
    return found;
  },
};
