// The questions of `ddnsd --init`: one for each setting, with its default and what is allowed, asked
// again until the answer fits, by itself and with the answers before it.
import { createInterface } from 'node:readline/promises';
import { parseConf, unwritable } from '../../shared/config/conf-file.ts';
import { type ChosenValues, confTemplate } from '../../shared/config/conf-template.ts';
import { listInterfaces, type NetworkInterfaces } from '../../shared/config/interface-address.ts';
import { shownValue } from '../../shared/config/secret.ts';
import { parseValue } from '../../shared/config/setting-values.ts';
import {
  type AnyDefinition,
  defaultText,
  settingDefinitions,
} from '../../shared/config/settings.ts';
import { validateConf } from '../../shared/config/validate.ts';
import { printable } from '../../shared/output/printable.ts';

/** Somebody who can be asked. */
export interface Terminal {
  /** The answer; null when there will be no more answers. */
  ask(prompt: string): Promise<string | null>;
  say(line: string): void;
}

/** The operator ended the input before the last question; nothing was written. */
export class AbandonedError extends Error {
  readonly code = 'abandoned';

  constructor() {
    super('stopped before the last question, nothing was written. Start again with: ddnsd --init');
    this.name = 'AbandonedError';
  }
}

interface QuestionContext {
  platform: NodeJS.Platform;
  interfaces: NetworkInterfaces;
}

/**
 * The values that differ from their defaults, as answered.
 * @throws AbandonedError
 */
export async function askSettings(
  terminal: Terminal,
  confFile: string,
  { platform, interfaces }: QuestionContext,
): Promise<ChosenValues> {
  terminal.say(`Settings for ${confFile}. Return takes the value in brackets, Ctrl-C stops.`);
  const chosen: ChosenValues = {};
  for (const definition of settingDefinitions) {
    const { key, name, meaning, allowed } = definition;
    const standard = defaultText(definition, platform);
    const proposal = key === 'interface' && chosen.domain === '10' ? '::' : standard;
    terminal.say(`\n${meaning}\nAllowed: ${allowed}.`);
    if (key === 'interface') terminal.say(`This machine has: ${listInterfaces(interfaces)}.`);
    for (;;) {
      const answer = await terminal.ask(`${name} [${proposal}]: `);
      if (answer === null) throw new AbandonedError();
      const value = answer.trim() || proposal;
      const mistake = mistakeIn(definition, { ...chosen, [key]: value }, value, confFile, platform);
      if (mistake === null) {
        if (value !== standard) chosen[key] = value;
        break;
      }
      const shown = shownValue(name, value);
      terminal.say(`${printable(shown, 80)}: ${printable(mistake, 4096)}`);
    }
  }
  return chosen;
}

/** A terminal on standard input and output. */
export function openTerminal(): Terminal & { close(): void } {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  // A question that is open when the input ends would otherwise never settle.
  const ended = new Promise<null>((resolve) => lines.once('close', () => resolve(null)));
  let open = true;
  ended.then(() => {
    open = false;
  });
  lines.on('SIGINT', () => lines.close());
  return {
    ask: (prompt) => (open ? Promise.race([lines.question(prompt), ended]) : ended),
    say: (line) => console.log(line),
    close: () => lines.close(),
  };
}

function mistakeIn(
  definition: AnyDefinition,
  chosen: ChosenValues,
  value: string,
  file: string,
  platform: NodeJS.Platform,
): string | null {
  const parsed = parseValue<unknown>(definition.schema, value);
  if ('message' in parsed) return parsed.message;
  const reason = unwritable(value);
  if (reason !== null) return reason;
  const document = parseConf(confTemplate(chosen, platform));
  const { problems } = validateConf(document, { file, platform });
  // What Domain asks of Interface is settled when Interface is asked for.
  if (definition.key === 'domain') return null;
  return problems.find(({ name }) => name === definition.name)?.message ?? null;
}
