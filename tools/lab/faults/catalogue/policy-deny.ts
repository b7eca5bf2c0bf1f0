import { podNamed } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';
import { awaitTierEnd, networkPolicy, policiesOf } from '../policies.ts';

const types = { policyTypes: ['Ingress'] };
const web = { name: 'deny-web', selects: { app: 'web' }, spec: types };
const allowing = (rule: object) => [{ ...web, spec: { ...types, ingress: [rule] } }];

/** What selects the pod, and lets nothing of default/client come in. */
const policies = {
  nothing: [web],
  port: allowing({ ports: [{ protocol: 'TCP', port: 9090 }] }),
  namespace: allowing({ from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } } }] }),
  labels: allowing({ from: [{ podSelector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['db'] }] } }] }),
  several: [web, { name: 'deny-all', selects: {}, spec: types }, { ...web, name: 'deny-web-again' }],
};
type Kind = keyof typeof policies;
const isKind = (text: string): text is Kind => text in policies;
const kindOf = ({ allows = 'nothing' }: Readonly<Record<string, string>>): Kind =>
  isKind(allows) ? allows : 'nothing';

const [pod, client] = ['default/mypod', 'default/client'];
const expects = {
  verdict: 'fault',
  roots: ['policy-denies-ingress'],
  answers: [flow('node-a', pod), flow(client, 'shop/api'), flow('shop/api', client)],
  silent: [flow(client, pod), flow(client, 'default/twin')],
} as const;

export const policyDeny = defineFault({
  name: 'policy-deny',
  summary: 'a NetworkPolicy selects app=web in namespace default and allows nothing',
  parameters: {
    allows:
      'port: another port; namespace: another namespace; labels: pods with other labels; several: three policies, ' +
      'and none allows',
  },
  expects,
  variants: [
    { parameters: { allows: 'port' }, expects },
    {
      parameters: { allows: 'namespace' },
      expects: {
        ...expects,
        // A pod of that namespace is let in: it matters who asks.
        asks: [pod, '--from', `pod:${client}`],
        answers: [...expects.answers, flow('shop/db', pod)],
      },
    },
    { parameters: { allows: 'labels' }, expects },
    {
      parameters: { allows: 'several' },
      expects: { ...expects, answers: [flow('node-a', pod), flow(client, 'shop/api')] },
    },
  ],
  beside: {
    takes: ['policies'],
    needs: ['Felix of node-a', 'controllers', 'filter of node-a'],
    endsAt: 'target-node',
  },
  break: (topology, parameters) => [
    ...policies[kindOf(parameters)].map(networkPolicy),
    awaitTierEnd(topology, podNamed(topology, pod), 'tw', 'there'),
  ],
  heal: (topology, parameters) => [
    ...policies[kindOf(parameters)].map(
      ({ name }) => ({ do: 'remove-object', path: `${policiesOf('default')}/${name}` }) as const,
    ),
    awaitTierEnd(topology, podNamed(topology, pod), 'tw', 'gone'),
  ],
});
