import net from 'node:net';
import tls from 'node:tls';

/** What a dispatcher of the SDK asks of a connector, of one origin. */
interface Origin {
  readonly hostname: string;
  readonly protocol: string;
  readonly port: string;
  readonly servername?: string;
}
type Connected = (error: Error | null, socket: net.Socket | null) => void;
type Connector = (origin: Origin, connected: Connected) => void;

/** The sockets that requests were sent through and that are still open, whatever became of the requests. */
export interface OwnSockets {
  /** Returns what opens connections with these settings, for a dispatcher. */
  connector(settings: tls.ConnectionOptions): Connector;
  /** Returns what destroys those that are open now, if they are open still. */
  retire(): () => void;
  /** Destroys all, and opens no more. */
  destroy(): void;
  /** How many are open. */
  count(): number;
}

/** How long a connection may take, its handshake included. */
const connectMs = 10_000;

/**
 * Opens the connections to the API server, so that they can be destroyed: a dispatcher ends them politely, and one
 * whose peer's end never gets here, or that is still in its handshake, would stay for a long time.
 */
export function createOwnSockets(): OwnSockets {
  const open = new Set<net.Socket>();
  let ended = false;
  return {
    connector: (settings) => (origin, connected) => {
      // What waited for a connection that was destroyed asks for the next.
      if (ended) return connected(new Error('the connections were closed here'), null);
      const socket = connect(settings, origin).setNoDelay(true);
      open.add(socket);
      let told = false;
      const tell: Connected = (error, ready) => {
        clearTimeout(timer);
        if (!told) connected(error, ready);
        told = true;
      };
      const timer = setTimeout(() => socket.destroy(new Error(`no connection within ${connectMs} ms`)), connectMs);
      socket.once(origin.protocol === 'https:' ? 'secureConnect' : 'connect', () => tell(null, socket));
      socket.on('error', (error) => tell(error, null));
      socket.once('close', () => {
        open.delete(socket);
        tell(new Error('the connection was closed before it was ready'), null);
      });
    },
    retire() {
      const retired = [...open];
      return () => retired.forEach((socket) => socket.destroy());
    },
    destroy() {
      ended = true;
      for (const socket of open) socket.destroy();
    },
    count: () => open.size,
  };
}

function connect(settings: tls.ConnectionOptions, { hostname, protocol, port, servername }: Origin): net.Socket {
  const secure = protocol === 'https:';
  const to = { ...settings, host: hostname, port: Number(port || (secure ? 443 : 80)) };
  if (!secure) return net.connect(to);
  const name = servername ?? settings.servername ?? (net.isIP(hostname) === 0 ? hostname : undefined);
  return tls.connect({ ...to, ...(name ? { servername: name } : {}), ALPNProtocols: ['http/1.1', 'h2'] });
}
