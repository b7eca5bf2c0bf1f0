import { podNamed } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';
import { addPodWithStatus, removePodWithStatus } from '../pod-with-status.ts';

export const initContainerFailing = defineFault({
  name: 'init-container-failing',
  summary: 'the init container of a new pod of node-a ends with an error, again and again',
  expects: {
    asks: ['default/newpod'],
    verdict: 'fault',
    roots: ['init-container-failing'],
    consequences: ['pod-not-running', 'pod-without-address'],
    answers: [flow('default/client', 'default/mypod')],
    silent: [],
    others: [{ asks: ['default/mypod'], verdict: 'healthy' }],
  },
  break: (topology) =>
    addPodWithStatus({
      node: podNamed(topology, 'default/mypod').node,
      status: {
        phase: 'Pending',
        initContainerStatuses: [
          {
            name: 'wait',
            image: 'lab/server:1',
            imageID: '',
            ready: false,
            restartCount: 4,
            state: { waiting: { reason: 'CrashLoopBackOff' } },
            lastState: { terminated: { reason: 'Error', exitCode: 1 } },
          },
        ],
        containerStatuses: [
          {
            name: 'main',
            image: 'lab/server:1',
            imageID: '',
            ready: false,
            restartCount: 0,
            state: { waiting: { reason: 'PodInitializing' } },
          },
        ],
      },
    }),
  heal: () => removePodWithStatus,
});
