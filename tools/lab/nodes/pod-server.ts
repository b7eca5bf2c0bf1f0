import { createServer as createHttpServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';

/** What a lab pod runs: `pod-server.ts NAME http:8080 tcp:5432 …`. */
const [name = 'pod', ...services] = process.argv.slice(2);
for (const service of services) {
  const [speaks, port] = service.split(':');
  if (speaks === 'http') {
    createHttpServer((request, response) => {
      response.setHeader('content-type', 'text/plain');
      response.end(`${name} ${request.method} ${request.url}\n`);
    }).listen(Number(port));
  } else {
    createTcpServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.end(`${name}\n`);
    }).listen(Number(port));
  }
  console.log(`${name} serves ${speaks} on ${port}`);
}
