import { connect, createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';

/** Where a forwarder listens or connects: a Unix socket, or a port of an address. */
export type Endpoint = { path: string } | { host: string; port: number };

/**
 * Carries byte streams from one endpoint to another. Unix sockets are seen from every network
 * namespace, so a pair of forwarders is a door from the machine into one of the lab's namespaces.
 */
export async function forward(from: Endpoint, to: Endpoint): Promise<Server> {
  if ('path' in from) await rm(from.path, { force: true });
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = connect({ ...to, allowHalfOpen: true });
    client.pipe(upstream).pipe(client);
    client.on('error', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
  });
  server.listen(from);
  await once(server, 'listening');
  return server;
}
