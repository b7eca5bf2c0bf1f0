import type { LocalNode } from './local-node.ts';

/** Lets a node say that its Felix is live. */
export function scriptLiveFelix(node: LocalNode): void {
  node.says('bash-find-felix', '41 calico-node -felix\n');
  node.says('ss-felix-health-port', 'LISTEN 0 4096 127.0.0.1:9099 0.0.0.0:* users:(("calico-node",pid=41,fd=9))\n');
  node.says('curl-felix-liveness', 'HTTP/1.1 200 OK\r\n\r\n');
}
