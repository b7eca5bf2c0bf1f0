import { describe, expect, test } from '@jest/globals';
import { whichCluster, type KnownCluster } from '../../src/model/known-clusters.ts';
import { joinedHealth, type WorkerHealth } from '../../src/model/worker-health.ts';

const cluster = (name: string, ...channels: string[]): KnownCluster => ({ name, channels, alertChannel: null });
const several = [cluster('east', 'C0EAST'), cluster('west', 'C0WEST'), cluster('lab')];
const only = [cluster('default')];

const health = (at: string, text?: string): WorkerHealth => ({ at, blind: text ? [{ text, next: 'Do it' }] : [] });

describe('the cluster that is meant', () => {
  test.each([
    ['the named one, whatever the channel says', several, 'west', 'C0EAST', 'west'],
    ['the one of the channel', several, null, 'C0WEST', 'west'],
    ['the only one', only, null, 'C0ANY', 'default'],
    ['the only one, by its name', only, 'default', null, 'default'],
  ])('is %s', (_, clusters, named, channel, name) => {
    expect(whichCluster(clusters, { named, channel })).toMatchObject({ ok: true, value: { name } });
  });

  test.each([
    ['several, in a channel of none', several, null, 'C0ANY', 'there are several clusters: east, west, lab'],
    ['several, without a channel', several, null, null, 'there are several clusters: east, west, lab'],
    ['a typing error', several, 'wst', 'C0EAST', '"wst" is not a cluster of this bot: did you mean "west"?'],
    ['another name', only, 'production', null, '"production" is not a cluster of this bot: use default'],
  ])('is never guessed: %s', (_, clusters, named, channel, problem) => {
    expect(whichCluster(clusters, { named, channel })).toEqual({ ok: false, problem });
  });
});

describe('the health of the workers of all clusters', () => {
  test('is as old as the oldest, and names the cluster without a worker', () => {
    const told = new Map([
      ['east', health('2026-01-01T00:00:09.000Z', 'east: nodes: no key')],
      ['west', null],
      ['lab', health('2026-01-01T00:00:05.000Z')],
    ]);
    const joined = joinedHealth(told);
    expect(joined?.at).toBe('2026-01-01T00:00:05.000Z');
    expect(joined?.blind.map(({ text }) => text)).toEqual([
      'west: no worker says that it works',
      'east: nodes: no key',
    ]);
  });

  test('has each version once, and none of a worker that does not say it', () => {
    const at = '2026-01-01T00:00:09.000Z';
    const told = ['1.2.3', undefined, '1.2.2', '1.2.3'].map((version, index) => [
      `c${index}`,
      { ...health(at), version },
    ]);
    expect(joinedHealth(new Map(told as [string, WorkerHealth][]))?.versions).toEqual(['1.2.2', '1.2.3']);
  });

  test('is nothing where no worker works', () => {
    expect(joinedHealth(new Map([['default', null]]))).toBeNull();
  });
});
