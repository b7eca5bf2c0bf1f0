import { isDual } from '../../dual-stack.ts';
import { sliceName } from '../../objects/services.ts';
import { podNamed, type Topology } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';
import { forgetService, programService } from '../kube-proxy.ts';

/** Of each family that the lab has. */
const slices = (topology: Topology) =>
  (isDual(topology) ? (['IPv4', 'IPv6'] as const) : (['IPv4'] as const)).map(
    (type) => `/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/${sliceName('web', type)}`,
  );

/** What kube-proxy holds of default/web: its pods, or the address of one that is gone. */
function rules(topology: Topology, endpoints: string | undefined) {
  const pods = ['default/mypod', 'default/twin'].map((name) => ({ ip: podNamed(topology, name).ip, port: 8080 }));
  const gone = { ip: podNamed(topology, 'default/mypod').ip.replace(/\d+$/, '60'), port: 8080 };
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
      ? slices(topology).map((path) => ({ do: 'remove-object', path }))
      : [programService(topology, 'node-b', rules(topology, endpoints))],
  heal: (topology, { endpoints }) =>
    endpoints === 'none'
      ? slices(topology).map((path) => ({ do: 'restore-object', path }))
      : [forgetService(topology, 'node-b', rules(topology, endpoints))],
});
