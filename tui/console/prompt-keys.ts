// Keys while the operator types into the line at the bottom. Every other key that has text is typed.

import { eraseCharacter, eraseWord, type Prompt, promptText } from '../state/prompt.ts';
import type { ConsoleBinding, ConsoleTarget } from './key-lookup.ts';

function edit(change: (prompt: Prompt) => Prompt): (target: ConsoleTarget) => void {
  return (target) => {
    const { prompt } = target.state();
    if (prompt) target.dispatch({ type: 'prompt', prompt: change(prompt) });
  };
}

const close = (target: ConsoleTarget) => target.dispatch({ type: 'prompt', prompt: null });

export function editing(scope: Prompt['kind']): ConsoleBinding[] {
  return [
    {
      scope,
      keys: ['backspace'],
      shown: 'Backspace',
      label: '',
      help: 'erase a character',
      run: edit(eraseCharacter),
    },
    {
      scope,
      keys: ['ctrl+w', 'alt+backspace'],
      shown: 'Ctrl-W',
      label: '',
      help: 'erase a word',
      run: edit(eraseWord),
    },
    {
      scope,
      keys: ['ctrl+u'],
      shown: 'Ctrl-U',
      label: '',
      help: 'erase all',
      run: edit((prompt) => promptText(prompt, '')),
    },
  ];
}

export const promptKeys: readonly ConsoleBinding[] = [
  {
    scope: 'filter',
    keys: ['enter', 'tab'],
    shown: 'Enter',
    label: 'keep',
    help: 'keep the filter',
    run: close,
  },
  {
    scope: 'filter',
    keys: ['escape'],
    shown: 'Esc',
    label: 'back',
    help: 'return to the filter from before',
    run: (target) => {
      edit((prompt) => promptText(prompt, prompt.kind === 'filter' ? prompt.before : ''))(target);
      close(target);
    },
  },
  {
    scope: 'filter',
    keys: ['up', 'down'],
    shown: '↑ ↓',
    label: '',
    help: 'keep the filter and go to the rows',
    run: close,
  },
  ...editing('filter'),
  {
    scope: 'confirm',
    keys: ['enter'],
    shown: 'Enter',
    label: 'do it',
    help: 'do it, once the word is typed',
    run: (target) => target.confirm(),
  },
  {
    scope: 'confirm',
    keys: ['escape'],
    shown: 'Esc',
    label: 'leave it',
    help: 'leave everything as it is',
    run: close,
  },
  ...editing('confirm'),
  ...editing('setting'),
];
