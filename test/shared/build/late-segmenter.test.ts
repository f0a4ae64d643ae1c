// What is bundled in place of Intl.Segmenter divides text as that does.
import { createRequire } from 'node:module';
import test from 'ava';
import fc from 'fast-check';

const { LateSegmenter } = createRequire(import.meta.url)(
  '../../../shared/build/late-segmenter.js',
) as { LateSegmenter: typeof Intl.Segmenter };
const usual = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** The console's own characters and styles, and what joins its neighbours. */
const text = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', '~', '\u001b[38;5;80m', '─', '●', '⣿', '…', 'é', '\t') }),
  fc.string({
    unit: fc.constantFrom('a', '\r', '\n', '\u0301', '\u200d', '👩', '🇫', '🇷', '\ufe0f', '한'),
  }),
  fc.string({ unit: 'binary' }),
);

test('segmenter › divides any text as Intl.Segmenter does', (t) => {
  fc.assert(
    fc.property(text, (input) => {
      const segments = new LateSegmenter(undefined, { granularity: 'grapheme' }).segment(input);
      const expected = usual.segment(input);
      t.deepEqual([...segments], [...expected]);
      for (let index = -1; index <= input.length; index++)
        t.deepEqual(segments.containing(index), expected.containing(index));
    }),
  );
});

test('segmenter › asks Intl.Segmenter only for text in which characters join', (t) => {
  const made: unknown[] = [];
  const { Segmenter } = Intl;
  Reflect.set(
    Intl,
    'Segmenter',
    class extends Segmenter {
      constructor(...parameters: ConstructorParameters<typeof Segmenter>) {
        super(...parameters);
        made.push(parameters);
      }
    },
  );
  t.teardown(() => Reflect.set(Intl, 'Segmenter', Segmenter));
  const segmenter = new LateSegmenter('en', { granularity: 'word' });
  for (const plain of ['', 'up 3 min', '\u001b[1m● live\u001b[22m', '━━──'])
    [...segmenter.segment(plain)];
  t.deepEqual(made, []);
  t.deepEqual(
    [...segmenter.segment('e\u0301 f')].map(({ segment }) => segment),
    ['e\u0301', ' ', 'f'],
  );
  t.deepEqual(made, [['en', { granularity: 'word' }]]);
});
