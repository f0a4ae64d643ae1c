// What is bundled in place of Intl.Segmenter, of which Ink's packages make one each when they load. The tables behind it
// take as long to load as Node itself, and most texts need none of them: where each character stands for itself, as in
// escape sequences and in all that the console draws, text is taken apart here, and sooner.

/** Nothing in it joins its neighbours (Unicode's UAX #29); CR, which joins LF, is left out. */
const apart =
  /^[\u0000-\u000c\u000e-\u007e\u00a0-\u00ac\u00ae-\u02ff\u2010-\u2027\u2030-\u205e\u2190-\u21ff\u2500-\u25fc\u25ff\u2800-\u28ff]*$/;
// By another name, because the bundler puts the class below in the place of the usual one.
const real = () => Reflect.get(Intl, 'Segmenter');

export class LateSegmenter {
  #parameters;
  #made;

  constructor(...parameters) {
    this.#parameters = parameters;
  }

  segment(text) {
    if (apart.test(text)) return new Characters(text);
    this.#made ??= Reflect.construct(real(), this.#parameters);
    return this.#made.segment(text);
  }
}

/** As `Segments` of ECMA-402. */
class Characters {
  #input;

  constructor(input) {
    this.#input = input;
  }

  containing(index = 0) {
    const input = this.#input;
    return index in Object(input) ? { segment: input[index], index, input } : undefined;
  }

  [Symbol.iterator]() {
    const input = this.#input;
    let index = 0;
    return {
      next: () =>
        index < input.length
          ? { done: false, value: { segment: input[index], index: index++, input } }
          : { done: true, value: undefined },
    };
  }
}
