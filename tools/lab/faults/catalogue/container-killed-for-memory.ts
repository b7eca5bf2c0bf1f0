import { podNamed } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';
import { addPodWithStatus, removePodWithStatus } from '../pod-with-status.ts';

export const containerKilledForMemory = defineFault({
  name: 'container-killed-for-memory',
  summary: 'a new pod of node-a crash-loops, as it uses more memory than its limit',
  expects: {
    asks: ['default/newpod'],
    verdict: 'fault',
    roots: ['container-killed-for-memory'],
    consequences: ['pod-not-running', 'pod-without-address'],
    answers: [flow('default/client', 'default/mypod')],
    silent: [],
    others: [{ asks: ['default/mypod'], verdict: 'healthy' }],
  },
  break: (topology) =>
    addPodWithStatus({
      node: podNamed(topology, 'default/mypod').node,
      status: {
        phase: 'Running',
        containerStatuses: [
          {
            name: 'main',
            image: 'lab/server:1',
            imageID: '',
            ready: false,
            restartCount: 7,
            state: {
              waiting: { reason: 'CrashLoopBackOff', message: 'back-off 5m0s restarting failed container=main' },
            },
            lastState: { terminated: { reason: 'OOMKilled', exitCode: 137 } },
          },
        ],
      },
    }),
  heal: () => removePodWithStatus,
});
