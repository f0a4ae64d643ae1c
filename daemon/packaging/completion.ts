// Completion for bash, from the help of the programs: commands, options, their choices, and the names of settings.
import { settingDefinitions } from '../../shared/config/settings.ts';
import type { Entry, ProgramHelp } from './program-help.ts';

/** The completion of one program. */
export function bashCompletion(program: ProgramHelp): string {
  const name = program.path.join(' ');
  const all = allCommands(program);
  const below = all.filter(({ path }) => path.length > 1);
  const options = all.flatMap((command) => command.options);
  const places = options.filter(({ term }) => /<(file|path|dir)>/.test(term)).map(flagOf);
  const choices = options.flatMap((option) => {
    const [, list] = /\(choices: ([^)]*?)(?:, default.*)?\)/.exec(option.text) ?? [];
    return list === undefined ? [] : [[flagOf(option), list.replaceAll(/[",]/g, '')] as const];
  });
  const others = options
    .filter(({ term }) => /<|\[/.test(term))
    .map(flagOf)
    .filter((flag) => !places.includes(flag) && !choices.some(([each]) => each === flag));
  return [
    `# Completion of ${name} for bash, generated from its help.`,
    `_${name.replaceAll('-', '_')}() {`,
    `  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} path=${quoted(name)} words word`,
    '  COMPREPLY=()',
    ...(below.length === 0
      ? []
      : [
          `  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do`,
          '    case "$path $word" in',
          `    ${below.map(({ path }) => quoted(path.join(' '))).join(' | ')}) path="$path $word" ;;`,
          '    esac',
          '  done',
        ]),
    '  case $before in',
    ...places.map(
      (flag) => `  ${flag}) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;`,
    ),
    ...choices.map(([flag, words]) => `  ${flag}) ${reply(quoted(words))}; return ;;`),
    ...others.map((flag) => `  ${flag}) return ;;`),
    '  esac',
    '  case $path in',
    ...all.map(
      (command) =>
        `  ${quoted(command.path.join(' '))}) words=${quoted(wordsOf(command, program).join(' '))} ;;`,
    ),
    '  esac',
    `  ${reply('"$words"')}`,
    `  [[ \${COMPREPLY[0]} != *= ]] || compopt -o nospace`,
    '}',
    `complete -F _${name.replaceAll('-', '_')} ${name}`,
    '',
  ].join('\n');
}

function reply(words: string): string {
  return `mapfile -t COMPREPLY < <(compgen -W ${words} -- "$current")`;
}

function allCommands(help: ProgramHelp): ProgramHelp[] {
  return [help, ...help.commands.flatMap(allCommands)];
}

/** What may follow a command: its own options and those of the program, its commands, its arguments that are known. */
function wordsOf(command: ProgramHelp, program: ProgramHelp): string[] {
  const options = command === program ? command.options : [...command.options, ...program.options];
  return [
    ...command.commands.map(({ path }) => path.at(-1) as string),
    ...command.arguments.flatMap(valuesOf),
    ...options.map(flagOf),
    '--help',
  ];
}

/** `name=value` stands for a setting with its value, `name` for one, and `view: a, b` for these words. */
function valuesOf({ term, text }: Entry): string[] {
  if (/^name=value/i.test(term)) return settingDefinitions.map(({ name }) => `${name}=`);
  if (term === 'name') return settingDefinitions.map(({ name }) => name);
  return /: (\w+(?:, \w+)+)$/.exec(text)?.[1]?.split(', ') ?? [];
}

function flagOf({ term }: Entry): string {
  return /--[\w-]+/.exec(term)?.[0] ?? term;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
