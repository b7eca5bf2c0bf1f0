import { addresses, podNamed } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';
import type { Step } from '../steps.ts';

const table = '52';
const priority = '5270';

/** Which packets the rule takes. */
const selectors: Readonly<Record<string, (ip: string) => readonly string[]>> = {
  all: () => [],
  reply: (ip) => ['from', ip],
  marked: () => ['fwmark', '0x200/0x200'],
};
/** Answers of the port alone are marked, before Calico's chains: pings go the right way. */
const marking =
  'table inet vpn { chain marks { type filter hook prerouting priority -151; ' +
  'tcp sport 8080 meta mark set meta mark or 0x200; }; }';

const ipOn = (on: string, all: readonly (readonly string[])[]): readonly Step[] =>
  all.map((words) => ({ do: 'run', on, command: ['ip', ...words] }));

export const routingRuleDiverts = defineFault({
  name: 'routing-rule-diverts',
  summary: 'a VPN client on node-a takes what its table has no exception for: the nodes have one, the pods have none',
  parameters: {
    packets: 'reply: only what default/mypod sends; marked: only answers of port 8080, by a mark; all when not given',
  },
  expects: {
    verdict: 'fault',
    roots: ['routing-rule-diverts'],
    answers: [flow('default/client', 'default/twin'), flow('shop/api', 'default/client'), flow('node-b', 'node-a')],
    silent: [
      flow('default/client', 'default/mypod'),
      flow('default/client', 'shop/db'),
      flow('node-a', 'default/mypod'),
    ],
  },
  variants: [
    {
      parameters: { packets: 'reply' },
      beside: { endsAt: 'reply' },
      expects: {
        verdict: 'fault',
        roots: ['routing-rule-diverts'],
        answers: [flow('default/client', 'shop/db'), flow('node-b', 'node-a')],
        silent: [flow('default/client', 'default/mypod')],
      },
    },
    {
      parameters: { packets: 'marked' },
      beside: { endsAt: 'reply' },
      expects: {
        verdict: 'fault',
        roots: ['routing-rule-diverts'],
        answers: [flow('default/client', 'default/mypod'), flow('node-b', 'node-a')],
        silent: [flow('default/client', 'default/mypod', 8080)],
      },
    },
  ],
  beside: { takes: ['routing rules'], endsAt: 'target-node' },
  break: (topology, { packets = 'all' }) => {
    const { node: on, ip } = podNamed(topology, 'default/mypod');
    const network = `${addresses.gateway.replace(/\d+$/, '0')}/${addresses.prefixLength}`;
    const steps = ipOn(on, [
      ['link', 'add', 'vpn0', 'type', 'veth', 'peer', 'name', 'vpn0peer'],
      ['link', 'set', 'vpn0', 'up'],
      ['link', 'set', 'vpn0peer', 'up'],
      ['route', 'add', 'default', 'dev', 'vpn0', 'table', table],
      ['route', 'add', 'throw', network, 'table', table],
      ['rule', 'add', 'pref', priority, ...(selectors[packets]?.(ip) ?? []), 'lookup', table],
    ]);
    return packets === 'marked' ? [...steps, { do: 'run', on, command: ['nft', marking] }] : steps;
  },
  heal: (topology, { packets }) => {
    const { node: on } = podNamed(topology, 'default/mypod');
    const steps = ipOn(on, [
      ['rule', 'delete', 'pref', priority],
      ['route', 'flush', 'table', table],
      ['link', 'delete', 'vpn0'],
    ]);
    return packets === 'marked'
      ? [{ do: 'run', on, command: ['nft', 'delete', 'table', 'inet', 'vpn'] }, ...steps]
      : steps;
  },
});
