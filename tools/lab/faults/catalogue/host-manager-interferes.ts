import { felixProcess } from '../../nodes/daemons.ts';
import { podNamed } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { felixReady } from '../felix.ts';
import { flow } from '../flows.ts';

/** As a DHCP client takes it where nobody answers. */
const address = '169.254.77.9/16';

export const hostManagerInterferes = defineFault({
  name: 'host-manager-interferes',
  summary: "a DHCP client gives default/mypod's interface on its node an address, and the route to the pod goes",
  expects: {
    verdict: 'fault',
    roots: ['host-manager-interferes'],
    consequences: ['pod-route-missing'],
    answers: [
      flow('default/client', 'shop/db'),
      flow('default/client', 'default/twin'),
      flow('shop/api', 'default/client'),
      flow('node-b', 'node-a'),
    ],
    silent: [flow('default/client', 'default/mypod')],
  },
  break: (topology) => {
    const { node: on, interface: name } = podNamed(topology, 'default/mypod');
    return [
      { do: 'set-environment', process: felixProcess(on), variables: { FELIX_ROUTEREFRESHINTERVAL: '0' } },
      felixReady(on),
      { do: 'run', on, command: ['ip', 'addr', 'add', address, 'dev', name] },
      // The client flushes what it finds, then sets up what it has.
      { do: 'run', on, command: ['ip', 'route', 'flush', 'dev', name] },
    ];
  },
  heal: (topology) => {
    const { node: on, ip, interface: name } = podNamed(topology, 'default/mypod');
    return [
      { do: 'run', on, command: ['ip', 'addr', 'delete', address, 'dev', name] },
      { do: 'reset-environment', process: felixProcess(on) },
      felixReady(on),
      {
        do: 'await',
        what: `the route to ${ip}`,
        on,
        command: ['sh', '-c', `ip route show ${ip} | grep -q .`],
        seconds: 30,
      },
    ];
  },
});
