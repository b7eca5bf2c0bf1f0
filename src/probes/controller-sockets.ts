import { observed } from '../model/evidence.ts';
import { defineNodeProbe } from '../model/probe.ts';
import { evidenceOf, outputOf } from './evidence.ts';

export const controllerSockets = defineNodeProbe({
  id: 'controller-sockets',
  description: "The controller's connections to the API server and to etcd. An established one proves neither way.",
  kind: 'passive',
  place: 'node',
  places: ['controller'],
  essential: false,
  commands: {
    sockets: { argv: ['ss', '-Htnap', '( dport = :443 or dport = :6443 or dport = :2379 )'], timeoutSeconds: 5, maxBytes: 500_000 },
  },
  needs: ['controller'],
  provides: ['controller-sockets'],
  async read(look) {
    const sockets = await look.run('sockets');
    const lines = outputOf(sockets).split('\n').filter((line) => /kube-controll|calico|policy/i.test(line));
    return { 'controller-sockets': observed(lines, [evidenceOf(sockets, /kube-controll|calico|policy/i)]) };
  },
});
