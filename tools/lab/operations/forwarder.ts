import { forward, type Endpoint } from '../supervisor/forward.ts';

/** `forwarder.ts FROM TO`, each a path or HOST:PORT. */
function endpoint(text: string): Endpoint {
  const [, host, port] = /^([^/]+):(\d+)$/.exec(text) ?? [];
  return host !== undefined && port !== undefined ? { host, port: Number(port) } : { path: text };
}

await forward(endpoint(process.argv[2] ?? ''), endpoint(process.argv[3] ?? ''));
