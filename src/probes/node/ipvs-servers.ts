import { catIpVs } from '../../commands/cat.ts';
import { observed } from '../../model/evidence.ts';
import { evidenceOf } from '../../model/evidence-of.ts';
import { ipvsDevice } from '../../model/ipvs.ts';
import { LookError } from '../../model/look-error.ts';
import { defineClusterProbe } from '../../model/probe.ts';
import { outputOf } from '../lib/evidence.ts';
import { parseIpVs } from '../parse/ip-vs.ts';

export const ipvsServers = defineClusterProbe({
  id: 'ipvs-servers',
  description: "Servers of IPVS on the sender's node. Read only for a flow to a Service, where kube-proxy uses it.",
  kind: 'passive',
  place: 'cluster',
  essential: false,
  commands: [catIpVs],
  needs: ['flow', 'links@source'],
  runsOn: ['source'],
  provides: ['ipvs-servers'],
  async read(look, facts) {
    if (!facts.get('flow').service)
      throw new LookError('not-applicable', 'the flow goes to no Service that a node translates');
    if (!facts.get('links@source').some(({ name }) => name === ipvsDevice))
      throw new LookError('not-applicable', 'kube-proxy does not use IPVS on the node of the sender');
    const transcript = await look.on('source').run(catIpVs);
    return { 'ipvs-servers': observed(parseIpVs(outputOf(transcript)), [evidenceOf(transcript)]) };
  },
});
