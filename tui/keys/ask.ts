// Opens the question that comes before an action that is not done by one key.
import type { Asked } from '../state/prompt.ts';
import type { Binding } from './binding.ts';

export function ask(target: Parameters<Binding['run']>[0], asked: Asked): void {
  target.dispatch({ type: 'prompt', prompt: { kind: 'confirm', text: '', asked } });
}
