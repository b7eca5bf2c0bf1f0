import { labPod, podNamed, type LabPod, type Topology } from '../topology.ts';

/** default/newpod, beside default/mypod: the pod that faults of what happens to new pods add. */
export const newPod = (topology: Topology): LabPod =>
  labPod({
    namespace: 'default',
    name: 'newpod',
    node: podNamed(topology, 'default/mypod').node,
    ip: '10.244.1.6',
    labels: { app: 'new' },
    ports: [{ name: 'http', port: 8080, speaks: 'http' }],
    owner: null,
  });
