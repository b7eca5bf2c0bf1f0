import { expect, test } from '@jest/globals';
import { parseCommand } from '../../src/bot/command-grammar.ts';

const asked = (change: object) => ({
  verb: 'diagnose',
  asked: { namespace: 'default', pod: 'mypod', from: null, port: null, ...change },
});

test.each([
  ['diagnose default/mypod', asked({})],
  ['  diagnose   default/mypod  ', asked({})],
  [
    'diagnose default/mypod from default/client',
    asked({ from: { kind: 'pod', namespace: 'default', name: 'client' } }),
  ],
  [
    'diagnose default/mypod port 8080/tcp from node:node-b',
    asked({ from: { kind: 'node', name: 'node-b' }, port: { protocol: 'tcp', number: 8080 } }),
  ],
  [
    'diagnose default/mypod --from outside:203.0.113.7 --port icmp',
    asked({ from: { kind: 'outside', address: '203.0.113.7' }, port: { protocol: 'icmp' } }),
  ],
  [
    'diagnose default/mypod from outside:203.0.113.7 wait 60',
    asked({ from: { kind: 'outside', address: '203.0.113.7' }, wait: 60 }),
  ],
  ['diagnose default/mypod family ipv6', asked({ family: 6 })],
  ['diagnose default/mypod --family IPv4 port icmp', asked({ family: 4, port: { protocol: 'icmp' } })],
  ['cancel', { verb: 'cancel', run: null }],
  ['cancel r-01JSAMPLE', { verb: 'cancel', run: 'r-01JSAMPLE' }],
  ['help', { verb: 'help' }],
  ['diagnose', { verb: 'ask', about: 'diagnose' }],
  ['policy default/mypod', { ...asked({}), verb: 'policy' }],
  [
    'policy default/mypod from default/client port 80',
    {
      ...asked({
        from: { kind: 'pod', namespace: 'default', name: 'client' },
        port: { protocol: 'tcp', number: 80 },
      }),
      verb: 'policy',
    },
  ],
  ['status', { verb: 'status' }],
  ['runs', { verb: 'runs' }],
  ['node n2', { verb: 'node', node: 'n2' }],
  ['node node/n2', { verb: 'node', node: 'n2' }],
  ['node n2 in east', { verb: 'node', node: 'n2', cluster: 'east' }],
  ['diagnose default/mypod in east', { ...asked({}), cluster: 'east' }],
  [
    'policy default/mypod in east from node:n2 port 80',
    {
      ...asked({ from: { kind: 'node', name: 'n2' }, port: { protocol: 'tcp', number: 80 } }),
      verb: 'policy',
      cluster: 'east',
    },
  ],
  ['fixes', { verb: 'fixes', turn: null }],
  ['fixes off', { verb: 'fixes', turn: 'off' }],
  ['explain profile missing', { verb: 'explain', rule: 'profile-missing' }],
  ['explain pod-profile-missing', { verb: 'explain', rule: 'pod-profile-missing' }],
  ['report', { verb: 'report', run: null }],
  ['report r-01JSAMPLE', { verb: 'report', run: 'r-01JSAMPLE' }],
  ['', { verb: 'help' }],
])('%j is understood', (text, command) => {
  expect(parseCommand(text)).toEqual(command);
});

test.each([
  ['default/mypod', 'the verb is missing', 'diagnose default/mypod'],
  ['diagnos shop/api', 'there is no command "diagnos"', 'diagnose shop/api'],
  ['why is shop/api down?', 'there is no command "why"', 'diagnose shop/api'],
  ['what about shop/api?', 'there is no command "what"', 'diagnose shop/api'],
  ['diag shop/api', 'there is no command "diag"', 'diagnose shop/api'],
  ['stop', 'there is no command "stop"', 'cancel'],
  ['list', 'there is no command "list"', 'runs'],
  ['approve p-1', 'there is no command "approve"', 'fixes'],
  ['constructor', 'there is no command "constructor"', 'help'],
  ['cancel all', '"all" is not the id of a run', 'cancel'],
  ['cancel r-1 r-2', 'one run at a time', 'cancel r-1'],
  ['cancle', 'there is no command "cancle"', 'cancel'],
  ['hlep', 'there is no command "hlep"', 'help'],
  ['reboot everything', 'there is no command "reboot"', 'report'],
  ['policy looks fine to me', '"looks" is not NAMESPACE/POD', 'policy default/mypod'],
  ['polciy shop/api', 'there is no command "polciy"', 'policy shop/api'],
  ['statsu', 'there is no command "statsu"', 'status'],
  ['nodes n2', 'there is no command "nodes"', 'node n2'],
  ['fixes of', '"of" is neither on nor off', 'fixes off'],
  ['policies shop/api', 'there is no command "policies"', 'policy shop/api'],
  ['doctor', 'there is no command "doctor"', 'status'],
  ['rollback', 'there is no command "rollback"', 'fixes'],
  ['node NODE-A', '"NODE-A" is not a valid node name: names have no capitals', 'node node-a'],
  ['diagnose 192.0.2.7', '"192.0.2.7" is not NAMESPACE/POD', 'diagnose address:NAMESPACE/192.0.2.7'],
  ['fix off', 'there is no command "fix"', 'fixes off'],
  ['runs all', '"all" is too much', 'runs'],
  ['explain', 'the rule is missing', 'explain pod-profile-missing'],
  ['report all', '"all" is not the id of a run', 'report'],
  ['node n2 in', 'one node at a time', 'node n2'],
  ['node n2 in east n3', 'one node at a time', 'node n2'],
  ['node a/b', '"a/b" is not a valid node name', 'node NAME'],
  [
    'policy default/mypod from default/client wait 60',
    'policy sends nothing, so there is nothing to wait for',
    'diagnose default/mypod from default/client wait 60',
  ],
  [
    'diagnose default/mypod prot 80',
    '"prot" is not an option: did you mean "port"?',
    'diagnose default/mypod from pod:default/client port 8080/tcp',
  ],
  [
    'diagnose default/mypod port 1 port 2',
    '"port" is given twice',
    'diagnose default/mypod from pod:default/client port 8080/tcp',
  ],
  ['diagnose default/mypod; reboot', '"mypod;" is not a valid pod name', 'diagnose default/mypod'],
])('%j is answered with what was meant', (text, problem, example) => {
  expect(parseCommand(text)).toEqual({ verb: 'unclear', problem, example });
});

test.each([
  ['policy', {}, 'the pod is missing'],
  ['policy shop/', { typed: 'shop/' }, '"shop/" is not NAMESPACE/POD'],
  ['policy shop/api port 80 from', { pod: 'shop/api', port: '80' }, 'the value of "from" is missing'],
  ['node', {}, 'the name of the node is missing'],
  ['diagnose shop', { typed: 'shop' }, '"shop" is not NAMESPACE/POD'],
  ['diagnose shop/', { typed: 'shop/' }, '"shop/" is not NAMESPACE/POD'],
  ['diagnose svc:shop/ port 80', { typed: 'svc:shop/', port: '80' }, '"shop/" is not a valid name of a service'],
  ['diagnose shop/api from', { pod: 'shop/api' }, 'the value of "from" is missing'],
  ['diagnose shop/api from node:n2 port', { pod: 'shop/api', from: 'node:n2' }, 'the value of "port" is missing'],
])('%j is half a command: a dialog asks for the rest', (text, filled, problem) => {
  expect(parseCommand(text)).toMatchObject({ verb: 'ask', about: text.split(' ')[0], filled, problem: { problem } });
});

test('10,000 characters are refused by their number', () => {
  expect(parseCommand(`diagnose default/${'x'.repeat(10_000)}`)).toMatchObject({
    verb: 'unclear',
    problem: 'the command has 10017 characters, and at most 1000 are allowed',
  });
});
