import test from 'ava';
import { createLineWriter } from '../../../tui/reading/reader.ts';

function writing() {
  const written: string[] = [];
  return { writer: createLineWriter((text) => written.push(text)), written };
}

const filter = (text: string) => ({ asked: 'filter: ', text });

test('lines › are written one after another', (t) => {
  const { writer, written } = writing();
  writer.write(['one', 'two'], null);
  writer.write([], null);
  t.deepEqual(written, ['one\ntwo\n']);
});

test('lines › what is typed appears behind the question', (t) => {
  const { writer, written } = writing();
  writer.write([], filter(''));
  writer.write([], filter('a'));
  writer.write([], filter('abc'));
  writer.write([], filter('a'));
  writer.write([], filter('xy'));
  writer.write(['1 host'], null);
  t.deepEqual(written, ['filter: ', 'a', 'bc', '\b \b\b \b', '\nfilter: xy', '\n1 host\n']);
});

test('lines › what comes meanwhile does not tear the question apart', (t) => {
  const { writer, written } = writing();
  writer.write([], filter('no'));
  writer.write(['Connection lost.'], filter('nod'));
  writer.end();
  writer.end();
  t.deepEqual(written, ['filter: no', '\nConnection lost.\nfilter: nod', '\n']);
});
