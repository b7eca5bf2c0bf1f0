import { expect, test } from '@jest/globals';
import { whyFelixNotLive } from '../../src/calico/felix-health.ts';

const live = {
  processes: '41 calico-node -felix\n',
  listener: 'LISTEN 0 4096 127.0.0.1:9099 0.0.0.0:* users:(("calico-node",pid=41,fd=9))\n',
  liveness: 'HTTP/1.1 200 OK\r\n',
};

test.each([
  ['live', {}, null],
  ['live without a report', { liveness: 'HTTP/1.1 204 No Content\r\n' }, null],
  ['no process', { processes: '\n' }, /no Felix process/],
  ['it does not listen', { listener: '' }, /does not listen/],
  ['another process listens', { listener: live.listener.replace('pid=41', 'pid=7') }, /another process/],
  ['another process listens too', { listener: `${live.listener}LISTEN users:(("x",pid=7,fd=1))` }, /another process/],
  ['nobody says who listens', { listener: 'LISTEN 0 4096 127.0.0.1:9099 0.0.0.0:*' }, /another process/],
  ['not live', { liveness: 'HTTP/1.1 503 Service Unavailable\r\n' }, /answers 503/],
  ['no answer', { liveness: '' }, /does not answer/],
])('%s', (_, change, why) => {
  const said = whyFelixNotLive({ ...live, ...change });
  if (why === null) expect(said).toBeNull();
  else expect(said).toMatch(why);
});
