import { describe, expect, test } from '@jest/globals';
import { parseIpamConfiguration, parseIpamShow } from '../../../src/probes/parse/ipam.ts';
import { readCapture } from '../../cases/capture.ts';

const older = `
+----------+-------------------+------------+------------+-------------------+
| GROUPING |       CIDR        | IPS TOTAL  | IPS IN USE |     IPS FREE      |
+----------+-------------------+------------+------------+-------------------+
| IP Pool  | 198.51.100.0/28   |         16 | 16 (100%)  | 0 (0%)            |
| Block    | 198.51.100.0/28   |         16 | 16 (100%)  | 0 (0%)            |
| IP Pool  | fd5f:abcd:64::/48 | 1.2089e+24 | 7 (0%)     | 1.2089e+24 (100%) |
+----------+-------------------+------------+------------+-------------------+
`;

describe('the use of pools', () => {
  test('as real calicoctl prints it', () => {
    expect(parseIpamShow(readCapture('healthy-legacy').text('calicoctl/ipam-show.txt') ?? '')).toEqual([
      { cidr: '10.244.0.0/16', total: 65_536, free: 65_536 },
    ]);
  });
  test('of older versions, without their blocks', () => {
    expect(parseIpamShow(older)).toEqual([
      { cidr: '198.51.100.0/28', total: 16, free: 0 },
      { cidr: 'fd5f:abcd:64::/48', total: 1.2089e24, free: 1.2089e24 },
    ]);
  });
  test('there may be no pool', () => {
    expect(parseIpamShow(older.split('\n').slice(0, 4).join('\n'))).toEqual([]);
  });
  test.each(['', 'Failed to create Calico API client\n', '| GROUPING | CIDR |\n'])('no table: %j', (text) => {
    expect(() => parseIpamShow(text)).toThrow('printed no table');
  });
});

const table = (strict: string, most: string) =>
  `+----+\n| PROPERTY | VALUE |\n+----+\n| StrictAffinity | ${strict} |\n| MaxBlocksPerHost |     ${most} |\n+----+\n`;

describe('the settings', () => {
  test.each([
    [table('true', '20'), { strictAffinity: 'on', maxBlocksPerHost: 20 }],
    [table('false', '0'), { strictAffinity: 'off', maxBlocksPerHost: 0 }],
    [table('?', ''), { strictAffinity: null, maxBlocksPerHost: null }],
    ['', { strictAffinity: null, maxBlocksPerHost: null }],
  ])('%#', (text, settings) => {
    expect(parseIpamConfiguration(text)).toEqual(settings);
  });
});
