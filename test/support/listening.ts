/** Servers of tests, each on a port of the loopback that the kernel chooses. */
import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';

/** Starts a server. Returns its port. */
export async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** The connections of a server. */
export interface Connections {
  /** Returns how many are open. */
  readonly open: () => number;
  /** Cuts them, and closes the server. */
  readonly close: () => Promise<void>;
}

/** Counts a server's connections, and ignores their errors. Call it before the server listens. */
export function connectionsOf(server: Server): Connections {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  return {
    open: () => sockets.size,
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
