/** Commands as people on call type and paste them: each is taken as it is meant, or answered with one that will do. */
import { expect, test } from '@jest/globals';
import { parseCommand } from '../../src/bot/command-grammar.ts';

test.each([
  // The words of kubectl.
  ['diagnose default mypod', 'diagnose default/mypod'],
  ['Diagnose default mypod from default client port 8080', 'diagnose default/mypod from default/client port 8080'],
  ['diagnose mypod -n default', 'diagnose default/mypod'],
  ['diagnose -n default mypod', 'diagnose default/mypod'],
  ['diagnose mypod --namespace=default --port=8080', 'diagnose default/mypod port 8080'],
  ['diagnose mypod in namespace default', 'diagnose default/mypod'],
  ['diagnose pod mypod -n default', 'diagnose default/mypod'],
  ['diagnose pod/mypod -n default', 'diagnose default/mypod'],
  ['diagnose pod/default/mypod', 'diagnose default/mypod'],
  ['diagnose pod default/mypod', 'diagnose default/mypod'],
  ['diagnose svc/web -n shop', 'diagnose svc:shop/web'],
  ['diagnose svc web -n shop port 80', 'diagnose svc:shop/web port 80'],
  ['diagnose svc/shop/web', 'diagnose svc:shop/web'],
  ['diagnose deployment.apps/api -n shop', 'diagnose deploy:shop/api'],
  ['diagnose -l app=Web -n shop', 'diagnose labels:shop/app=Web'],
  // Lines of its tables.
  ['diagnose default   mypod   1/1   Running   0   5d3h   192.0.2.9   node-a', 'diagnose default/mypod'],
  ['diagnose default mypod 0/1 CrashLoopBackOff 12 (3m ago) 5d', 'diagnose default/mypod'],
  ['diagnose shop web ClusterIP 192.0.2.80 <none> 80/TCP 5d', 'diagnose svc:shop/web port 80'],
  ['diagnose shop api 2/3 3 2 10d', 'diagnose deploy:shop/api'],
  // Other marks between the two, and around them.
  ['diagnose default:mypod', 'diagnose default/mypod'],
  ['diagnose `default/mypod`', 'diagnose default/mypod'],
  ['diagnose “default/mypod”', 'diagnose default/mypod'],
  ["diagnose 'default/mypod'?", 'diagnose default/mypod'],
  ['diagnose default/mypod.', 'diagnose default/mypod'],
  ['diagnose Default/MyPod from Default/Client', 'diagnose default/mypod from default/client'],
  ['diagnose default/mypod —from default/client', 'diagnose default/mypod from default/client'],
  ['diagnose default/mypod from pod/default/client', 'diagnose default/mypod from default/client'],
  ['diagnose default/mypod from node/node-b', 'diagnose default/mypod from node:node-b'],
  ['diagnose default/client -> svc:shop/web', 'diagnose default/client to svc:shop/web'],
  // Ports.
  ['diagnose default/mypod 8080', 'diagnose default/mypod port 8080'],
  ['diagnose default/mypod:8080', 'diagnose default/mypod port 8080'],
  ['diagnose default/mypod on 8080/TCP from default/client', 'diagnose default/mypod from default/client port 8080'],
  ['diagnose default/mypod port tcp/8080', 'diagnose default/mypod port 8080'],
  ['diagnose default/mypod:8080 port 9090', 'diagnose default/mypod port 9090'],
  // What logs of a client say.
  ['diagnose http://web.shop:80/', 'diagnose svc:shop/web port 80'],
  ['diagnose <http://web.shop/health?a=b|web.shop/health>', 'diagnose svc:shop/web port 80'],
  ['diagnose https://web.shop.svc.cluster.local/', 'diagnose svc:shop/web port 443'],
  ['diagnose web.shop:8080', 'diagnose svc:shop/web port 8080'],
  ['diagnose web.shop.svc', 'diagnose svc:shop/web'],
  ['diagnose web.shop.svc.cluster.local.', 'diagnose svc:shop/web'],
  ['diagnose db-0.db.shop.svc.cluster.local', 'diagnose shop/db-0'],
  ['diagnose 192-0-2-9.shop.pod.cluster.local', 'diagnose address:shop/192.0.2.9'],
  ['diagnose default/client to http://web.shop:8080/', 'diagnose default/client to svc:shop/web port 8080'],
  ['diagnose default/client to web.shop.svc port 80', 'diagnose default/client to svc:shop/web port 80'],
  // Addresses.
  ['diagnose 192.0.2.9 -n shop', 'diagnose address:shop/192.0.2.9'],
  ['diagnose shop/192.0.2.9', 'diagnose address:shop/192.0.2.9'],
  ['diagnose shop 192.0.2.9 port 80', 'diagnose address:shop/192.0.2.9 port 80'],
  ['policy mypod -n default', 'policy default/mypod'],
])('%j asks the same as %j', (typed, meant) => {
  const { verb, ...command } = parseCommand(typed);
  expect(verb).toMatch(/^(?:diagnose|policy)$/);
  expect({ verb, ...command }).toEqual(parseCommand(meant));
});

test.each([
  ['why default/mypod', 'there is no command "why"', 'diagnose default/mypod'],
  ['check shop/api port 80', 'there is no command "check"', 'diagnose shop/api port 80'],
  ['diagnose 192.0.2.9:8080', '"192.0.2.9" is not NAMESPACE/POD', 'diagnose address:NAMESPACE/192.0.2.9'],
  ['diagnose http://192.0.2.9/', '"192.0.2.9" is not NAMESPACE/POD', 'diagnose address:NAMESPACE/192.0.2.9'],
  ['diagnose web.shop', '"web.shop" may be a Service or a pod', 'diagnose svc:shop/web'],
  ['diagnose shop/a shop/b shop/c', 'one target at a time, and here are 3', 'diagnose shop/a'],
  ['diagnose shop/a,shop/b', 'one target at a time, and here are 2', 'diagnose shop/a'],
  ['diagnose shop/api -n other', '"shop/api" names a namespace itself: leave -n other out', 'diagnose shop/api'],
  [
    'diagnose shop/api from 192.0.2.9',
    '192.0.2.9 is an address: write outside:192.0.2.9, or the pod or node that has it',
    'diagnose shop/api from outside:192.0.2.9',
  ],
  ['diagnose this is broken', '"this" is not NAMESPACE/POD', 'diagnose default/mypod'],
])('%j is answered by %j, and %j', (typed, problem, example) => {
  const { verb, ...said } = parseCommand(typed);
  expect(said).toMatchObject(verb === 'ask' ? { problem: { problem, example } } : { problem, example });
});

test.each([
  ['diagnose svc web', { typed: 'svc:web' }, 'diagnose svc:NAMESPACE/web'],
  ['diagnose pod mypod port 80', { typed: 'mypod', port: '80' }, 'diagnose NAMESPACE/mypod'],
])('%j lacks its namespace: a dialog has the rest', (typed, filled, example) => {
  expect(parseCommand(typed)).toMatchObject({ verb: 'ask', filled, problem: { example } });
});

test.each(['policy looks fine', 'policy looks fine to me'])('%j of a conversation asks nothing', (typed) => {
  expect(parseCommand(typed).verb).toBe('unclear');
});
