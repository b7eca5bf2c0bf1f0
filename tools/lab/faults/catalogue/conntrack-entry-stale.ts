import { podNamed, serviceAddress, type Topology } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';
import { forgetService, programService } from '../kube-proxy.ts';
import type { Step } from '../steps.ts';

/** As kube-proxy of node-b has default/web: it is up to date. */
function rules(topology: Topology) {
  const endpoints = ['default/mypod', 'default/twin'].map((name) => ({ ip: podNamed(topology, name).ip, port: 8080 }));
  return { namespace: 'default', name: 'web', portName: 'http', port: 8080, endpoints };
}

/** A connection of default/client from before, to the address that a pod of default/web had then, and data on it. */
function entry(topology: Topology, how: 'there' | 'gone'): Step {
  const { ip: client, node } = podNamed(topology, 'default/client');
  const gone = podNamed(topology, 'default/mypod').ip.replace(/\d+$/, '60');
  const tuple = [
    '-p',
    'tcp',
    '-s',
    client,
    '-d',
    serviceAddress('default', 'web'),
    '--sport',
    '40001',
    '--dport',
    '8080',
  ];
  const answers = ['-r', gone, '-q', client, '--reply-port-src', '8080', '--reply-port-dst', '40001'];
  const command =
    how === 'there'
      ? ['conntrack', '-I', ...tuple, ...answers, '--state', 'ESTABLISHED', '-u', 'SEEN_REPLY,ASSURED', '-t', '290']
      : ['conntrack', '-D', ...tuple];
  return { do: 'run', on: node, command };
}

export const conntrackEntryStale = defineFault({
  name: 'conntrack-entry-stale',
  summary: 'node-b holds an open connection of default/client to the address that a pod of default/web had before',
  expects: {
    asks: ['svc:default/web', '--from', 'pod:default/client'],
    verdict: 'fault',
    latent: ['conntrack-entry-stale'],
    answers: [flow('default/client', 'default/mypod'), flow('default/client', 'default/twin')],
    silent: [],
  },
  break: (topology) => [programService(topology, 'node-b', rules(topology)), entry(topology, 'there')],
  heal: (topology) => [entry(topology, 'gone'), forgetService(topology, 'node-b', rules(topology))],
});
