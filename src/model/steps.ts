/** The lines of the thread, in the order in which a packet meets what they look at. */
export const steps = [
  { id: 'target', title: 'The pod and where it runs' },
  { id: 'reachability', title: 'Test packets to the pod' },
  { id: 'routes', title: 'Routes and links on both nodes' },
  { id: 'underlay', title: 'Network between the nodes' },
  { id: 'endpoint', title: 'Calico endpoint and profiles' },
  { id: 'filter', title: 'Packet filter on both nodes' },
  { id: 'felix', title: 'Felix on both nodes' },
  { id: 'controller', title: 'Calico controller and its rights' },
] as const;
export type StepId = (typeof steps)[number]['id'];
