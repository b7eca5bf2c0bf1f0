import { podNamed, type Topology } from '../topology.ts';
import { ruleGone, ruleThere, type Step } from './steps.ts';

/**
 * Felix checks its rules now and then, and for a while after it wrote some; not at all from an hour on. Of the backends
 * that it does not program it sweeps out what an earlier Felix left, as often.
 */
export const uncheckedRules = {
  FELIX_IPTABLESREFRESHINTERVAL: '7200',
  FELIX_NFTABLESREFRESHINTERVAL: '7200',
  FELIX_IPSETSREFRESHINTERVAL: '7200', // with nftables, sets and rules are one table
  FELIX_IPTABLESPOSTWRITECHECKINTERVALSECS: '3600',
};

/** Waits until Felix of a node answers that it is ready: in sync, and programmed. */
export function felixReady(on: string): Step {
  return {
    do: 'await',
    what: `Felix of ${on} to be ready`,
    on,
    command: ['curl', '-fsS', '-o', '/dev/null', 'http://127.0.0.1:9099/readiness'],
    seconds: 30,
  };
}

const waits = 'Waiting for datastore to be initialized';
const log = '/var/log/calico/felix.log';

/** Waits until Felix of a node, started anew, says that it waits for the datastore. It answers that it is ready. */
export function felixWaiting(on: string): Step {
  return {
    do: 'await',
    what: `Felix of ${on} to wait for the datastore`,
    on,
    // Its log may still say so from an earlier time: the newest lines count.
    command: ['sh', '-c', `tail -n 5 ${log} | grep -q "${waits}"`],
    seconds: 60,
  };
}

/** One of these is enough: real Felix drops lines of its log when it writes many at once. */
const hasRead = 'Datastore now in sync|to=in-sync|Completed first update to dataplane';

/** Waits until Felix of a node that waited for the datastore has read it. */
export function felixInSync(on: string): Step {
  return {
    do: 'await',
    what: `Felix of ${on} to be in sync`,
    on,
    command: ['sh', '-c', `tac ${log} | sed "/${waits}/q" | grep -qE "${hasRead}"`],
    seconds: 60,
  };
}

/** Waits until Felix of a node says that it has no Typha: there is none that is ready, or it cannot connect. */
export function felixWithoutTypha(on: string): Step {
  const said = 'Failed to connect to Typha|Didn.t find any ready Typha instances';
  return {
    do: 'await',
    what: `Felix of ${on} to have no connection to Typha`,
    on,
    // Its log may still say so from an earlier time.
    command: [
      'sh',
      '-c',
      `! curl -fsS http://127.0.0.1:9099/readiness && grep -qE "${said}" /var/log/calico/felix.log`,
    ],
    seconds: 60,
  };
}

/** Waits until Felix of a pod's node has, or has no longer, chains of the pod's interface. */
export function chainsOf(topology: Topology, pod: string, wanted: 'there' | 'gone'): Step {
  const { node: on, interface: name } = podNamed(topology, pod);
  const chain = `-A cali-tw-${name} `;
  return {
    do: 'await',
    what: `Felix of ${on} to ${wanted === 'there' ? 'program' : 'forget'} ${name}`,
    on,
    command: wanted === 'there' ? ruleThere(topology.dataplane, chain) : ruleGone(topology.dataplane, chain),
    seconds: 30,
  };
}

/** Waits until Felix of a pod's node has taken away its route to the pod: real Felix waits some seconds for that. */
export function routeGone(topology: Topology, pod: string): Step {
  const { node: on, ip } = podNamed(topology, pod);
  return {
    do: 'await',
    what: `Felix of ${on} to take away the route to ${ip}`,
    on,
    command: ['sh', '-c', `! ip route show ${ip} | grep -q .`],
    seconds: 60,
  };
}

/** Waits until Felix of a pod's node has the route to the pod through the pod's interface. */
export function routeThere(topology: Topology, pod: string): Step {
  const { node: on, ip, interface: name } = podNamed(topology, pod);
  return {
    do: 'await',
    what: `the route to ${ip}`,
    on,
    command: ['sh', '-c', `ip route show ${ip} | grep -q ${name}`],
    seconds: 30,
  };
}
