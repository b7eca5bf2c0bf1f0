import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';
import { addPodWithStatus, besideOthers, removePodWithStatus } from '../pod-with-status.ts';

export const podUnschedulable = defineFault({
  name: 'pod-unschedulable',
  summary: 'no node has the memory that a new pod asks for',
  expects: {
    asks: ['default/newpod'],
    verdict: 'fault',
    roots: ['pod-unschedulable'],
    consequences: ['pod-not-running'],
    answers: [flow('default/client', 'default/mypod')],
    silent: [],
    others: [
      { asks: ['default/mypod'], verdict: 'healthy' },
      {
        asks: ['default/mypod', '--from', 'pod:default/newpod'],
        verdict: 'fault',
        roots: ['pod-unschedulable'],
        consequences: ['pod-not-running'],
      },
    ],
  },
  beside: besideOthers,
  break: () =>
    addPodWithStatus({
      node: null,
      status: {
        phase: 'Pending',
        conditions: [
          {
            type: 'PodScheduled',
            status: 'False',
            reason: 'Unschedulable',
            message: '0/3 nodes are available: 3 Insufficient memory.',
          },
        ],
      },
    }),
  heal: () => removePodWithStatus,
});
