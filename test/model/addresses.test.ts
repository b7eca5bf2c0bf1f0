import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { addressRange, addressValue, formatAddress, rangeHolds } from '../../src/model/addresses.ts';

test.each([
  ['10.1.2.3/8', { from: '10.0.0.0', to: '10.255.255.255' }],
  ['10.1.2.3/255.255.255.252', { from: '10.1.2.0', to: '10.1.2.3' }],
  ['10.1.2.3', { from: '10.1.2.3', to: '10.1.2.3' }],
  ['0.0.0.0/0', { from: '0.0.0.0', to: '255.255.255.255' }],
  ['10.0.0.1-10.0.0.9', { from: '10.0.0.1', to: '10.0.0.9' }],
  ['fd00::1/64', { from: 'fd00::', to: 'fd00::ffff:ffff:ffff:ffff' }],
  ['::ffff:10.0.0.1', { from: '::ffff:a00:1', to: '::ffff:a00:1' }],
  ['10.0.0.1/255.0.0.255', null],
  ['10.0.0.1/33', null],
  ['web', null],
  ['10.0.0.1-fd00::1', null],
])('%s as a range', (text, range) => expect(addressRange(text)).toEqual(range));

test('ranges hold their ends, and no address of the other family', () => {
  const range = { from: '10.0.0.1', to: '10.0.0.9' };
  expect(
    ['10.0.0.0', '10.0.0.1', '10.0.0.9', '10.0.0.10', '::a00:5'].map((address) => rangeHolds(range, address)),
  ).toEqual([false, true, true, false, false]);
});

test('every address is written as it is read', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
      const value = addressValue(text);
      if (!value) throw new Error(text);
      expect(addressValue(formatAddress(value))).toEqual(value);
    }),
  );
});
