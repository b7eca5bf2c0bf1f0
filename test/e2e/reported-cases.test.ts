import { expect, test } from '@jest/globals';
import { diagnose, saidBy } from '../../tools/lab/diagnosis.ts';
import { calicoLabs, describeLab, labCommand, mustSucceed } from '../../tools/lab/harness.ts';
import { sharedLab } from '../../tools/lab/shared-lab.ts';
import { takenBackAfterEach } from '../../tools/lab/take-backs.ts';
import { reportedCases } from './reported-cases.ts';

describeLab.each(calicoLabs)('what people have reported, $calico, iptables $dataplane', ({ dataplane, flags }) => {
  const name = sharedLab(...flags);
  const lab = mustSucceed(labCommand(name));
  const takeBacks = takenBackAfterEach();
  const asked = ['default/mypod', '--from', 'pod:default/client', '--port', '8080/tcp'];
  const runLines = async (lines: readonly (readonly [string, string])[]) => {
    for (const [place, line] of lines) {
      const where: [string, ...string[]] =
        place === 'pod' ? ['pod', 'default/mypod'] : place === 'underlay' ? [place] : ['exec', place];
      await lab(...where, '--', 'sh', '-ec', `IPT=iptables-${dataplane}; ${line}`);
    }
  };

  test.each(reportedCases(dataplane))(
    '$title',
    async ({ add, remove, roots, consequences = [], names, onlyThePort, beside }) => {
      if (beside !== undefined) {
        takeBacks.push(() => lab('heal', beside));
        await lab('break', beside);
      }
      takeBacks.push(() => runLines(remove));
      await runLines(add);
      for (const question of onlyThePort ? [asked] : [asked, ['default/mypod']]) {
        const { verdict } = await diagnose(name, ...question);
        expect(saidBy(verdict)).toEqual({
          verdict: 'fault',
          roots: roots.toSorted(),
          consequences: consequences.toSorted(),
          latent: [],
        });
        if (names) expect(verdict.roots.map(({ title, detail }) => `${title} ${detail}`).join()).toMatch(names);
      }
    },
    180_000,
  );
});
