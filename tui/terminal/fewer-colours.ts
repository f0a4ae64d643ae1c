// Frames for terminals with fewer colours than they were drawn in, just before they are written: so it
// holds for what a library draws as well.
import type { Colours } from '../abilities.ts';

const styles = /\u001b\[([\d;]*)m/g;
/** A colour of the 256, or one by its red, green and blue. */
const finer = /\b([34])8;(?:5;(\d+)|2;(\d+);(\d+);(\d+))/g;

/** `frame` in at most so many colours. */
export function fewerColours(frame: string, colours: Colours): string {
  if (colours === '256') return frame;
  return frame.replace(styles, (_style, codes: string) => {
    const simple = codes.replace(finer, simpleCode);
    if (colours === '16') return `\u001b[${simple}m`;
    const kept = simple.split(';').filter((code) => Number(code) < 30);
    return kept.length === 0 ? '' : `\u001b[${kept.join(';')}m`;
  });
}

function simpleCode(
  _codes: string,
  ground: string,
  index: string | undefined,
  ...levels: (string | undefined)[]
): string {
  const rgb = index === undefined ? levels.slice(0, 3).map(Number) : levelsOf(Number(index));
  return `${ground}${nearest(rgb)}`;
}

/** Red, green and blue of one of the 256: the first 16 (as bits), a cube of 6×6×6, and 24 greys. */
function levelsOf(index: number): number[] {
  if (index < 16) return [1, 2, 4].map((bit) => (index & bit ? 255 : 0));
  if (index >= 232) return [0, 0, 0].map(() => 8 + (index - 232) * 10);
  const cube = index - 16;
  return [Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map((step) => step * 51);
}

/** The one of the eight (as bits: red, green, blue) whose hue is nearest; black only for what is. */
function nearest(rgb: readonly number[]): number {
  const most = Math.max(...rgb);
  if (most < 48) return 0;
  return rgb.reduce((bits, level, channel) => (level * 2 > most ? bits | (1 << channel) : bits), 0);
}
