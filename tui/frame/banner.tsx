// What must not be overlooked, under the header; and the words of a window that is too small for anything else.
import type { ReactElement } from 'react';
import { bannerTexts } from '../components/banner.ts';
import { useSelected } from '../components/following.ts';
import { minSize } from '../components/layout.ts';
import { Paragraph } from '../components/styled.tsx';
import { fitted, wrap } from '../text/columns.ts';

/** As many lines as `bannerRows` of the layout. */
export function Banner(): ReactElement {
  const lines = useSelected((state) =>
    bannerTexts(state).map((text) => fitted(text, state.size.columns)),
  );
  return <Paragraph lines={lines} as="banner" />;
}

export function TooSmall(): ReactElement {
  const { size, prompt } = useSelected(({ size, prompt }) => ({ size, prompt }));
  const { columns, rows } = size;
  const isUnsaved = prompt?.kind === 'confirm' && prompt.asked.action === 'quit';
  const end = isUnsaved ? 'ddns.conf has unsaved changes: q again discards them.' : 'q quits.';
  const text = `Window too small: ${columns}×${rows}, needs ${minSize.columns}×${minSize.rows}. ${end}`;
  return <Paragraph lines={wrap(text, columns, rows)} />;
}
