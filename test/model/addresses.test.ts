import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { addressRange, addressValue, familyOf, formatAddress, hostNet, rangeHolds } from '../../src/model/addresses.ts';
import { isOfType } from '../../src/model/command.ts';

/** An IPv6 address with many zeros, as people and clouds choose them. */
const sparse = fc
  .array(
    fc.oneof(fc.constant(0), fc.constantFrom(0xfd00, 0xfd20, 0xec2, 0xce, 0x254, 0x2001, 0x64, 0xff9b), fc.nat(0xffff)),
    {
      minLength: 8,
      maxLength: 8,
    },
  )
  .map((groups) => groups.map((one) => one.toString(16)).join(':'));
const ipv6 = fc.oneof(fc.ipV6(), sparse);
/** As a URL writes it (RFC 5952). */
const shortest = (text: string) => new URL(`http://[${text}]/`).hostname.slice(1, -1);

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

test('an IPv6 address is written as RFC 5952 says, and is alone in the net of its host', () => {
  fc.assert(
    fc.property(ipv6, (text) => {
      const value = addressValue(text);
      if (!value) throw new Error(text);
      const written = formatAddress(value);
      expect(written).toBe(shortest(text));
      expect(addressRange(hostNet(written))).toEqual({ from: written, to: written });
      expect(familyOf(hostNet(written))).toBe(6);
    }),
  );
});

test('a net of IPv6 holds the addresses that begin with its bits, and no others', () => {
  fc.assert(
    fc.property(ipv6, ipv6, fc.nat(128), fc.boolean(), (net, other, length, isNear) => {
      const [base, far] = [addressValue(net), addressValue(other)];
      const range = addressRange(`${net}/${length}`);
      if (!base || !far || !range) throw new Error(net);
      // Half of the addresses differ from the net in few bits, of which some are in it.
      const value = isNear ? base.value ^ (far.value & ((1n << BigInt(128 - length)) | 1n)) : far.value;
      const shift = BigInt(128 - length);
      expect(rangeHolds(range, formatAddress({ width: 128, value }))).toBe(value >> shift === base.value >> shift);
    }),
  );
});

test("commands may hold the IPv6 address of a host that is no cloud's own", () => {
  const nets = ['2000::/3', 'fc00::/7'].flatMap((net) => addressRange(net) ?? []);
  const kept = ['fd00:ec2::/32', 'fd20:ce::/32'].flatMap((net) => addressRange(net) ?? []);
  fc.assert(
    fc.property(ipv6, (text) => {
      const written = shortest(text);
      const isHost = nets.some((net) => rangeHolds(net, written)) && !kept.some((net) => rangeHolds(net, written));
      expect([text, isOfType('address', written)]).toEqual([text, isHost]);
    }),
  );
});

const words = (text: string) => text.split(' ');

test('commands may hold the IPv4 addresses beside those at which clouds tell secrets, and not these', () => {
  const secret = words('169.254.169.254 169.254.0.23 100.100.100.200 192.0.0.192');
  const beside = words(
    '100.100.100.199 100.100.100.20 100.100.200.200 192.0.0.19 192.0.0.191 192.0.1.192 168.63.129.16',
  );
  expect([...secret, ...beside].filter((address) => isOfType('address', address))).toEqual(beside);
});

test('the same of addresses that people may try', () => {
  const good = words('2001:db8::1 fd00:: fd00:10:244:1::5 fd00:ec20::1 fd20:ce0::1 fc00:1:2:3:4:5:6:7');
  const besideSecrets = words('fd00:42::43 fd00:42::1:42 fd00:42:1::42 fd00:100::200 fd00:c1::a9fe fd00:a9fe:a9fe::2');
  const bad = [
    ...words(':: ::1 fe80::1 ff02::1 ::ffff:10.0.0.1 64:ff9b::a9fe:a9fe'),
    ...words('fd00:ec2::254 fd00:0ec2::254 fd00:ec2:0:0:0:0:0:254 fd20:ce::254'),
    ...words('fd00:c1::a9fe:a9fe fd00:c1:0:0:0:0:a9fe:a9fe fd00:42::42 fd00:42:0::42 fd00:42::0:42'),
    ...words('fd00:42:0:0:0:0:0:42 fd00:a9fe:a9fe::1 fd00:100::100:200 fd00:100:0:0::100:200'),
    ...words('FD00::1 fd00::1%eth0 fd00::1/64 fd00:1 fd00::1::2 fd00:1:2:3:4:5:6:7:8'),
  ];
  const taken = [...good, ...besideSecrets, ...bad].filter((address) => isOfType('address', address));
  expect(taken).toEqual([...good, ...besideSecrets]);
});
