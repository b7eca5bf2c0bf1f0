import { podNamed, type Topology } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';
import { forgetService, programService } from '../kube-proxy.ts';

const slice = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/web-lab';

/** What kube-proxy holds of default/web: its pods, or the address of one that is gone. */
function rules(topology: Topology, endpoints: string | undefined) {
  const { ip } = podNamed(topology, 'default/mypod');
  const pods = ['default/mypod', 'default/twin'].map((name) => `${podNamed(topology, name).ip}:8080`);
  const gone = `${ip.replace(/\d+$/, '60')}:8080`;
  return { namespace: 'default', name: 'web', portName: 'http', port: 8080, endpoints: endpoints ? pods : [gone] };
}

const fromClient = ['svc:default/web', '--from', 'pod:default/client'];
const answers = [flow('default/client', 'default/mypod'), flow('default/client', 'default/twin')];

export const serviceOutdated = defineFault({
  name: 'service-outdated',
  summary: 'kube-proxy of node-b sends what goes to Service default/web to the address of a pod that is gone',
  parameters: {
    endpoints: 'current: kube-proxy is up to date; none: the Service has no EndpointSlice',
  },
  expects: { asks: fromClient, verdict: 'fault', roots: ['service-path-broken'], answers, silent: [] },
  variants: [
    { parameters: { endpoints: 'current' }, expects: { asks: fromClient, verdict: 'healthy', answers, silent: [] } },
    {
      parameters: { endpoints: 'none' },
      expects: { asks: fromClient, verdict: 'fault', roots: ['service-path-broken'], answers, silent: [] },
    },
  ],
  break: (topology, { endpoints }) =>
    endpoints === 'none'
      ? [{ do: 'remove-object', path: slice }]
      : [programService(topology, 'node-b', rules(topology, endpoints))],
  heal: (topology, { endpoints }) =>
    endpoints === 'none'
      ? [{ do: 'restore-object', path: slice }]
      : [forgetService(topology, 'node-b', rules(topology, endpoints))],
});
