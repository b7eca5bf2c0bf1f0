import { expect, test } from '@jest/globals';
import { parseNeighbours } from '../../../src/probes/parse/ip-neighbours.ts';

test('with and without an address, and what is none', () => {
  expect(
    parseNeighbours(
      'n1',
      '10.244.1.5 dev cali1 lladdr ee:ee:ee:ee:ee:ee REACHABLE\n10.244.1.6 dev eth0 FAILED \n10.244.1.7 dev eth0 lladdr 02:00:00:00:00:01 router STALE\nError: cut',
    ).map(({ address, device, linkAddress, state }) => [address, device, linkAddress, state]),
  ).toEqual([
    ['10.244.1.5', 'cali1', 'ee:ee:ee:ee:ee:ee', 'REACHABLE'],
    ['10.244.1.6', 'eth0', null, 'FAILED'],
    ['10.244.1.7', 'eth0', '02:00:00:00:00:01', 'STALE'],
  ]);
  expect(parseNeighbours('n1', '')).toEqual([]);
});
