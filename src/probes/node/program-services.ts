import { bashEbpfServices } from '../../commands/bash-ebpf.ts';
import { observed } from '../../model/evidence.ts';
import { evidenceOf } from '../../model/evidence-of.ts';
import { LookError } from '../../model/look-error.ts';
import { defineClusterProbe } from '../../model/probe.ts';
import { refuseIpv6 } from '../lib/ipv4-alone.ts';
import { printedDumps } from '../lib/program-reading.ts';
import { parseNat } from '../parse/ebpf-nat.ts';
import { dumpOf } from '../parse/ebpf-sections.ts';

export const programServices = defineClusterProbe({
  id: 'program-services',
  description:
    "Services as Calico's eBPF programs on the sender's node hold them. Read only for a flow to a Service, from a " +
    'node with the eBPF dataplane.',
  kind: 'passive',
  place: 'cluster',
  essential: false,
  commands: [bashEbpfServices],
  needs: ['flow', 'dataplanes'],
  runsOn: ['source'],
  provides: ['program-services'],
  async read(look, facts) {
    const flow = facts.get('flow');
    const { service, source } = flow;
    if (!service) throw new LookError('not-applicable', 'the flow goes to no Service that a node translates');
    const plane = facts.get('dataplanes').find(({ node }) => node === source.node);
    if (plane?.dataplane !== 'ebpf')
      throw new LookError('not-applicable', "the sender's node does not run the eBPF dataplane");
    refuseIpv6(flow, { what: 'Services of eBPF programs', next: 'In calico-node, run calico-node -bpf nat dump -6' });
    const transcript = await look.on('source').run(bashEbpfServices);
    const services = parseNat(dumpOf(printedDumps(transcript), 'services'));
    const asked = services.filter(({ address }) => address === service.address);
    const excerpt = asked.flatMap(({ text, backends }) => [text, ...backends]).join('\n');
    return {
      'program-services': observed(services, [
        { ...evidenceOf(transcript), excerpt: excerpt || `none of ${services.length} Services has ${service.address}` },
      ]),
    };
  },
});
