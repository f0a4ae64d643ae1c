// The lines of every `Lines` one after another, in the order in which they are read, whatever their
// places on a screen are.
import type { DOMElement } from 'ink';

export function linesInOrder(node: DOMElement): string[] {
  const { yogaNode } = node;
  if (yogaNode === undefined) return [];
  const line = node.nodeName === 'ink-text' ? node.internal_transform : undefined;
  if (line !== undefined)
    return Array.from({ length: yogaNode.getComputedHeight() }, (_, row) => line('', row));
  return node.childNodes.flatMap((child) =>
    child.nodeName === '#text' ? [] : linesInOrder(child),
  );
}
