/** A run whose one cause is a policy, as its events tell it. The words are those of `policy-denies-ingress`. */
import type { RunEventBody } from '../../src/model/runs.ts';
import { steps } from '../../src/model/steps.ts';
import type { Finding } from '../../src/model/verdict.ts';
import { at, sampleVerdict, settled, started } from '../bot/sample-run.ts';

const denied: Finding = {
  id: 'f1',
  rule: 'policy-denies-ingress',
  node: 'node-a',
  subject: { kind: 'Policy', name: 'default/deny-web' },
  title: 'NetworkPolicy default/deny-web blocks 8080/tcp from pod default/client',
  detail:
    "It selects mypod and does not allow the packet. It allows only: pods with app == 'shop' on 8080/tcp. " +
    'It ends at rule 7 of filter cali-tw-cali4e199eba087. 3 of 3 test packets of 60 bytes ended there, and none in ' +
    'the idle window before. The datastore denies it too: policy default/deny-web denies it.',
  proof: 'counter',
  evidence: [
    {
      command: 'iptables-nft-save -c',
      node: 'node-a',
      at,
      excerpt: '[3:180] -A cali-tw-cali4e199eba087 -m comment --comment "cali:abc" -j DROP',
      file: null,
    },
  ],
  fix: null,
  advice: {
    who: 'the owner of the policy',
    commands: [
      'kubectl -n default edit networkpolicy deny-web   # to allow it, add to spec.ingress:\n' +
        '- from:\n    - podSelector: {matchLabels: {app: client}}\n  ports: [{protocol: TCP, port: 8080}]',
    ],
  },
};

const failed: Readonly<Record<string, string>> = {
  reachability: '0 of 3 test packets were answered',
  filter: denied.title,
};

export const policyDenied: readonly RunEventBody[] = [
  started,
  { type: 'finding', finding: denied },
  ...steps.map(({ id }): RunEventBody => ({
    type: 'step-settled',
    step: failed[id] ? settled(id, 'fail', failed[id]) : settled(id),
  })),
  { type: 'verdict', verdict: sampleVerdict({ roots: [denied], consequences: [], blindSpots: [] }) },
];
