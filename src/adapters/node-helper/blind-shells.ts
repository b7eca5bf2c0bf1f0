import { LookError } from '../../model/look-error.ts';
import type { NodeShells } from '../../model/ports.ts';

/** Shells of a bot that is not set up for nodes: every command is a blind spot, with this reason. */
export function createBlindShells(why: string): NodeShells {
  return {
    shell: ({ name }) => ({
      node: name,
      start() {
        const lost = Promise.reject(new LookError('no-node-access', `nodes are not read: ${why}`));
        lost.catch(() => undefined);
        return { ready: lost, result: lost, stop: () => undefined };
      },
    }),
    usage: () => ({}),
    close: () => Promise.resolve(),
  };
}
