import { cniFailureOf } from '../../calico/cni-failures.ts';
import { calicoctlIpamConfiguration, calicoctlIpamShow } from '../../commands/calicoctl.ts';
import { observed } from '../../model/evidence.ts';
import { evidenceOf } from '../../model/evidence-of.ts';
import { LookError } from '../../model/look-error.ts';
import { defineClusterProbe } from '../../model/probe.ts';
import { outputOf } from '../lib/evidence.ts';
import { parseIpamConfiguration, parseIpamShow } from '../parse/ipam.ts';

export const ipamUsage = defineClusterProbe({
  id: 'ipam-usage',
  description: 'Free addresses of the IP pools. Read only where the kubelet reports that a pod gets none.',
  kind: 'passive',
  place: 'cluster',
  essential: false,
  commands: [calicoctlIpamShow, calicoctlIpamConfiguration],
  needs: ['pod-events', 'datastore-kind'],
  runsOn: ['target'],
  provides: ['ipam'],
  async read(look, facts) {
    if (cniFailureOf(facts.get('pod-events'))?.kind !== 'no-address')
      throw new LookError('not-applicable', 'the kubelet does not report that the pod gets no address');
    if (facts.get('datastore-kind').kind === 'kubernetes')
      throw new LookError('not-supported', 'with the Kubernetes datastore the use of the pools is not read');
    const node = look.on('target');
    const [shown, configuration] = await Promise.all([
      node.run(calicoctlIpamShow),
      node.run(calicoctlIpamConfiguration),
    ]);
    const pools = parseIpamShow(outputOf(shown));
    const settings = parseIpamConfiguration(configuration.exit === 0 ? configuration.stdout : '');
    return { ipam: observed({ pools, ...settings }, [evidenceOf(shown), evidenceOf(configuration)]) };
  },
});
