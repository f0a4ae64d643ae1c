// Settings given without a file, for an installation that nobody watches: `NAME=VALUE` words of a command line, and
// environment variables such as DDNS_INTERFACE. The rules are those of ddns.conf. Pure.
import { findSettings, parseConf, unwritable } from './conf-file.ts';
import type { ChosenValues } from './conf-template.ts';
import { ConfigurationError, type ConfigurationProblem } from './problem.ts';
import { maxSlips, shownLine, shownValue, slipsBetween } from './secret.ts';
import { type AnyDefinition, settingDefinitions } from './settings.ts';
import { type ConfContext, validateConf } from './validate.ts';

/** A value as it was given. */
interface Given {
  file: 'command line' | 'environment';
  name: string;
  value: string;
  /** the setting by its name, or what was given for one */
  setting: string;
}

const prefix = 'DDNS_';

/** The environment variable of a setting: `DDNS_INTERFACE`. An empty one counts as unset. */
function variableOf({ name }: AnyDefinition): string {
  return prefix + name.toUpperCase();
}

/**
 * The values given on a command line and in the environment; the command line wins. `context` is the ddns.conf that
 * they are for.
 * @throws ConfigurationError with every mistake
 */
export function givenSettings(
  words: readonly string[],
  env: NodeJS.ProcessEnv,
  context: ConfContext,
): ChosenValues {
  const onLine = words.map(fromWord);
  const names = onLine.map(({ setting }) => setting.toLowerCase());
  const inEnvironment = fromEnvironment(env).filter(
    ({ setting }) => !names.includes(setting.toLowerCase()),
  );
  const problems = misspelt(env);
  const valid: Given[] = [];
  const seen = new Set<string>();
  for (const each of [...onLine, ...inEnvironment]) {
    const setting = each.setting.toLowerCase();
    const reason =
      each.name === ''
        ? 'must be NAME=VALUE'
        : seen.has(setting)
          ? 'is given twice; keep one of the two'
          : unwritable(each.value);
    seen.add(setting);
    if (reason === null) valid.push(each);
    else problems.push(problemOf(each, reason));
  }
  const document = parseConf(valid.map(({ setting, value }) => `${setting}=${value}\n`).join(''));
  for (const problem of validateConf(document, context).problems) {
    const given = problem.line === null ? undefined : valid[problem.line - 1];
    problems.push(given === undefined ? problem : problemOf(given, problem.message));
  }
  if (problems.length > 0) throw new ConfigurationError(problems);
  const chosen: ChosenValues = {};
  for (const { key, name } of settingDefinitions) {
    const found = findSettings(document, name).at(-1);
    if (found !== undefined) chosen[key] = found.setting.value;
  }
  return chosen;
}

/** The settings of the environment that the existing ddns.conf `file` has otherwise, each in a sentence for people. */
export function ignoredVariables(env: NodeJS.ProcessEnv, file: string, text: string): string[] {
  const document = parseConf(text);
  return fromEnvironment(env).flatMap(({ name, value, setting }) => {
    const found = findSettings(document, setting).at(-1)?.setting;
    if (found?.value === value) return [];
    const says = found
      ? `says ${setting}=${shownValue(setting, found.value)}`
      : `has no ${setting}`;
    return [
      `${name} is ignored, because ${file} exists and ${says}: change it there, or remove the file`,
    ];
  });
}

function fromWord(word: string): Given {
  const equals = word.indexOf('=');
  const name = word.slice(0, Math.max(0, equals)).trim();
  return { file: 'command line', name, value: word.slice(equals + 1).trim(), setting: name };
}

function fromEnvironment(env: NodeJS.ProcessEnv): Given[] {
  return settingDefinitions.flatMap((definition) => {
    const name = variableOf(definition);
    const value = env[name]?.trim() ?? '';
    return value === '' ? [] : [{ file: 'environment', name, value, setting: definition.name }];
  });
}

/** Variables that are nearly those of a setting. Others have other uses: a container has some of its network. */
function misspelt(env: NodeJS.ProcessEnv): ConfigurationProblem[] {
  const known = settingDefinitions.map(variableOf);
  return Object.keys(env)
    .filter((name) => name.startsWith(prefix) && !known.includes(name) && name !== 'DDNS_STARTUP')
    .flatMap((name) => {
      const meant = known.find((each) => slipsBetween(name, each) <= maxSlips);
      const [setting, value] = [name.slice(prefix.length), env[name] ?? ''];
      const given: Given = { file: 'environment', name, value, setting };
      return meant ? [problemOf(given, `is not a setting; did you mean ${meant}?`)] : [];
    });
}

function problemOf({ file, name, value, setting }: Given, message: string): ConfigurationProblem {
  const nameless = { file, line: null, name: null, value: null };
  return name === ''
    ? { ...nameless, message: `${shownLine(value)} ${message}` }
    : { ...nameless, name, value: shownValue(setting, value), message };
}
