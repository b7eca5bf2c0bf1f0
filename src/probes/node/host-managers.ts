import { networkctlList } from '../../commands/networkctl.ts';
import { nmcliDevices } from '../../commands/nmcli.ts';
import { observed, type Evidence, type Observed } from '../../model/evidence.ts';
import { evidenceOf } from '../../model/evidence-of.ts';
import type { FlowEnd } from '../../model/flow.ts';
import type { ManagedInterface } from '../../model/host-managers.ts';
import { LookError } from '../../model/look-error.ts';
import type { Link } from '../../model/network.ts';
import { podLink } from '../../model/pod-link.ts';
import { defineClusterProbe, type NodeLook } from '../../model/probe.ts';
import { hasLostRoute } from '../lib/lost-route.ts';
import { parseNetworkctl, parseNmcliDevices } from '../parse/host-managers.ts';

export const hostManagers = defineClusterProbe({
  id: 'host-managers',
  description:
    'NetworkManager and systemd-networkd, where one of them manages the interface of a pod. Asked only where the ' +
    'interface has an address, or is down, or has lost its route.',
  kind: 'passive',
  place: 'cluster',
  essential: false,
  commands: [nmcliDevices, networkctlList],
  needs: ['flow'],
  uses: ['links@target', 'links@source'],
  runsOn: ['target', 'source'],
  provides: ['host-managers'],
  async read(look, facts) {
    const { source, destination } = facts.get('flow');
    const [target, other] = await Promise.all([facts.ask('links@target'), facts.ask('links@source')]);
    const asked = [
      ...(target.status === 'observed' ? suspects('target', destination, target) : []),
      ...(other.status === 'observed' ? suspects('source', source, other) : []),
    ];
    if (asked.length === 0)
      throw new LookError('not-applicable', 'the interfaces of the pods are as Calico leaves them');
    const found = await Promise.all(asked.map(({ place, name }) => managersOf(look.on(place), name)));
    return {
      'host-managers': observed(
        found.flatMap(({ managed }) => managed),
        found.flatMap(({ evidence }) => evidence),
      ),
    };
  },
});

/** A pod's interface that is not as Calico leaves it: without an address, up, and with the route to the pod. */
function suspects(place: 'target' | 'source', end: FlowEnd, links: Observed<readonly Link[]>) {
  const link = end.kind === 'pod' ? podLink(links.value, end) : null;
  if (!link) return [];
  const isUsual = link.addresses.length === 0 && link.flags.includes('UP') && !hasLostRoute(links, end);
  return isUsual ? [] : [{ place, name: link.name }];
}

/** A program that is not there, or does not run, manages nothing. */
async function managersOf(
  node: NodeLook<'nmcli-devices' | 'networkctl-list'>,
  name: string,
): Promise<{ readonly managed: readonly ManagedInterface[]; readonly evidence: readonly Evidence[] }> {
  const [nmcli, networkctl] = await Promise.all([node.run(nmcliDevices), node.run(networkctlList)]);
  const managed: ManagedInterface[] = [];
  const evidence: Evidence[] = [];
  for (const [manager, transcript, parse] of [
    ['NetworkManager', nmcli, parseNmcliDevices],
    ['systemd-networkd', networkctl, parseNetworkctl],
  ] as const) {
    if (transcript.exit !== 0 || transcript.truncated) continue;
    const one = parse(transcript.stdout).find((entry) => entry.interface === name);
    if (!one) continue;
    managed.push({ node: node.node, interface: name, manager, state: one.state });
    const shown = evidenceOf(transcript);
    evidence.push({
      ...shown,
      excerpt: shown.excerpt
        .split('\n')
        .filter((line) => line.includes(name))
        .join('\n'),
    });
  }
  return { managed, evidence };
}
