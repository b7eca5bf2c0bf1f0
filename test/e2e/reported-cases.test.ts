import { expect, test } from '@jest/globals';
import { headlineOf } from '../../src/model/headline.ts';
import { hostInterface } from '../../tools/lab/topology.ts';
import { diagnose, saidBy } from '../../tools/lab/diagnosis.ts';
import { calicoLabs, describeLab, labCommand, mustSucceed } from '../../tools/lab/harness.ts';
import { ruleGone, ruleThere } from '../../tools/lab/faults/steps.ts';
import { insideNode } from '../../tools/lab/nodes/machine.ts';
import { labPaths } from '../../tools/lab/paths.ts';
import { untilRuns } from '../../tools/lab/run.ts';
import { sharedLab } from '../../tools/lab/shared-lab.ts';
import { takenBackAfterEach } from '../../tools/lab/take-backs.ts';
import { ofVxlan, reportedCases, type ReportedCase } from './reported-cases.ts';

const policies = '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies';
const nothingOut = `-A cali-fw-${hostInterface('default', 'mypod')} .*End of tier default`;

type Lab = (typeof calicoLabs)[number];

describeLab.each(calicoLabs)('what people have reported, $calico, iptables $dataplane', (lab) =>
  tried(lab, reportedCases(lab.dataplane)),
);

describeLab.each(calicoLabs)('the same of VXLAN, $calico, iptables $dataplane', (lab) =>
  tried({ ...lab, flags: [...lab.flags, '--encap', 'vxlan'] }, ofVxlan),
);

/** A lab, and the cases in it, one after the other. */
function tried({ dataplane, flags }: Lab, cases: readonly ReportedCase[]): void {
  const name = sharedLab(...flags);
  const lab = mustSucceed(labCommand(name));
  const takeBacks = takenBackAfterEach();
  const asked = ['default/mypod', '--from', 'pod:default/client', '--port', '8080/tcp'];
  const policyIs = (asIs: string[]) => untilRuns('Felix to follow', 60, insideNode(labPaths(name), 'node-a', asIs));
  const runLines = async (lines: readonly (readonly [string, string])[]) => {
    for (const [place, line] of lines) {
      const where: [string, ...string[]] =
        place === 'pod' ? ['pod', 'default/mypod'] : place === 'underlay' ? [place] : ['exec', place];
      await lab(...where, '--', 'sh', '-ec', `IPT=iptables-${dataplane}; ${line}`);
    }
  };

  test.each(cases)(
    '$title',
    async ({ add, remove, roots, consequences = [], names, onlyThePort, beside, policy, headline, asks }) => {
      if (beside !== undefined) {
        takeBacks.push(() => lab('heal', beside.split(' ')[0] ?? ''));
        await lab('break', ...beside.split(' '));
      }
      if (policy !== undefined) {
        takeBacks.push(async () => {
          await lab('kube', 'DELETE', `${policies}/${policy.metadata.name}`);
          await policyIs(ruleGone(dataplane, nothingOut));
        });
        await lab('kube', 'POST', policies, JSON.stringify(policy));
        await policyIs(ruleThere(dataplane, nothingOut));
      }
      takeBacks.push(() => runLines(remove));
      await runLines(add);
      for (const question of asks ? [asks] : onlyThePort ? [asked] : [asked, ['default/mypod']]) {
        const { verdict } = await diagnose(name, ...question);
        expect(saidBy(verdict)).toEqual({
          verdict: 'fault',
          roots: roots.toSorted(),
          consequences: consequences.toSorted(),
          latent: [],
        });
        expect(headlineOf(verdict).text).toMatch(headline ?? /^UNREACHABLE, /);
        if (names) expect(verdict.roots.map(({ title, detail }) => `${title} ${detail}`).join()).toMatch(names);
      }
    },
    180_000,
  );
}
