// What is bundled in place of string-width. That compiles expressions over all of Unicode when it loads, which takes twice
// as long as starting Node, and applies them to every text of every frame. Most texts need none of them: what takes one
// column a character is counted here, and string-width is loaded with the first text that is anything else.

const style = /\u001b\[[\d;]*m/g;
const narrow =
  /^[\u0020-\u007e\u00a0-\u00ac\u00ae-\u02ff\u2010-\u2027\u2030-\u205e\u2190-\u21ff\u2500-\u25fc\u25ff\u2800-\u28ff]*$/;
let width;

// biome-ignore lint/style/noDefaultExport: string-width has one.
export default (text, options) => {
  const plain = options === undefined ? text.replace(style, '') : '\u0000';
  if (narrow.test(plain)) return plain.length;
  // By its path, because its name stands for this file. The bundler provides require.
  width ??= require('../../node_modules/string-width/index.js').default;
  return width(text, options);
};
