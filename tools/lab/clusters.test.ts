/** Clusters as people run them: few that stand for all, healthy, and with what is most often broken. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { allClusters, brokenKinds, coveringClusters, faultsOf, flagsOf, nameOf } from './cluster-kinds.ts';
import { pairsIn, testedElsewhere } from './cluster-kinds.ts';
import { diagnose, expectedOf, offeredFixes, saidBy } from './diagnosis.ts';
import { isAsBefore } from './as-before.ts';
import { breakFault, healFaults } from './faults/apply.ts';
import { brokenCases } from './faults/broken-cases.ts';
import { describeFlow, whatAnswers } from './faults/flows.ts';
import { describeLab, labCommand, mustSucceed, ownLab } from './harness.ts';
import { endResident } from './operations/resident.ts';
import { labPaths } from './paths.ts';
import { snapshot, type Snapshot } from './snapshot.ts';
import { readTopology } from './state.ts';

const every = allClusters();
const elsewhere = Object.values(testedElsewhere);
const chosen = coveringClusters(every, elsewhere);

describe('the clusters that are tested', () => {
  test('are eight at least, and each of what can be broken is broken in some of them', () => {
    expect(chosen.length).toBeGreaterThanOrEqual(8);
    expect(new Set(chosen.flatMap(({ broken }) => broken))).toEqual(new Set(brokenKinds));
    expect(chosen.filter(({ broken }) => broken.length === 0)).toEqual([]);
  });

  test('have every pair of what one can choose, and of that with what is broken', () => {
    const wanted = pairsIn(every.map((cluster) => ({ cluster, broken: brokenKinds })));
    const tested = pairsIn([...chosen, ...elsewhere]);
    expect([...wanted].filter((pair) => !tested.has(pair))).toEqual([]);
    for (const pair of ['dataplane nftables + encap crosssubnet', 'broken first case + layout operator'])
      expect(tested).toContain(pair);
  });
});

const cases = chosen.map(({ cluster, broken }, at) => ({ at, cluster, broken, words: nameOf(cluster) }));

describeLab.each(cases)('a cluster of $words', ({ at, cluster, broken }) => {
  const name = ownLab(`cluster-${at}`);
  const lab = labCommand(name);
  const now = () => readTopology(labPaths(name));
  const judge = async (asks: readonly string[]) => (await diagnose(name, ...asks)).verdict;
  let healthy: Snapshot;

  beforeAll(async () => {
    await mustSucceed(lab)('up', ...flagsOf(cluster));
    healthy = await snapshot(now());
  }, 180_000);
  afterEach(() => healFaults(now(), null), 120_000);
  afterAll(async () => {
    endResident(name);
    await lab('down');
  }, 60_000);

  // Without a source several are tried: where only some packets go into a tunnel, those that go into none as well.
  const bare = ['default/mypod'];
  const asked = cluster.encap === 'crosssubnet' ? bare : [...bare, '--from', 'pod:default/client'];

  test('healthy is healthy, without a blind spot', async () => {
    const verdict = await judge(asked);
    expect([saidBy(verdict), verdict.blindSpots, offeredFixes(verdict)]).toEqual([
      { verdict: 'healthy', roots: [], consequences: [], latent: [] },
      [],
      [],
    ]);
    expect(verdict.flow).toBe('works');
  }, 60_000);

  test.each(broken.flatMap((one) => faultsOf(one, cluster)).map((fault) => fault.join(' ')))(
    '%s is found',
    async (words) => {
      const [fault = '', ...given] = words.split(' ');
      const one = brokenCases(cluster).find((other) => [other.fault, ...other.given].join(' ') === words);
      if (!one) throw new Error(`no fault ${words} here`);
      await breakFault(now(), fault, given);
      expect(await whatAnswers(now(), one.expects.silent)).toEqual(
        Object.fromEntries(one.expects.silent.map((flow) => [describeFlow(flow), false])),
      );
      const verdict = await judge([...one.expects.asks, '--from', 'pod:default/client']);
      expect([saidBy(verdict), verdict.blindSpots]).toEqual([expectedOf(one.expects), []]);
    },
    150_000,
  );

  test('what was healed is as it was', async () => {
    await healFaults(now(), null);
    await isAsBefore(name, healthy);
  }, 120_000);
});
