import test from 'ava';
import { AddressList } from '../../../shared/protocol/address.ts';
import { giveBack, takeList } from '../../../shared/protocol/native-request.ts';

test('spare list › the longest one that was given back is taken again, empty, by one at a time', (t) => {
  const [long, short] = [new AddressList(1_000), new AddressList(10)];
  long.push(AddressList.of('10.0.0.1:4000').words, 0);
  giveBack(short);
  giveBack(long);
  giveBack(new AddressList(20));
  const taken = takeList();
  t.is(taken, long);
  t.deepEqual(taken.toTexts(), []);
  t.not(takeList(), long);
});
