// A frame as the terminal can show it. Everything that is drawn passes here on its way out, so that
// views, and libraries that draw for them, may use any colour and any character.
import type { Abilities } from '../abilities.ts';
import { asciiFrame } from './ascii.ts';
import { fewerColours } from './fewer-colours.ts';

export type Adapt = (frame: string) => string;

export function adaptTo({ colours, characters }: Abilities): Adapt {
  return (frame) => {
    const coloured = fewerColours(frame, colours);
    return characters === 'ascii' ? asciiFrame(coloured) : coloured;
  };
}
