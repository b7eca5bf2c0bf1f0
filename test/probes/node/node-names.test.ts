import { expect, test } from '@jest/globals';
import type { PacketWalk } from '../../../src/model/flow-walk.ts';
import { nodeNames } from '../../../src/probes/node/node-names.ts';
import { flowBetween, podEnd, podInterface } from '../../support/sample-flow.ts';
import { codeOf, probing } from '../scripted.ts';

const flow = flowBetween(podEnd(), podEnd());
const unknown = {
  node: 'n1',
  result: { rule: { comments: ['cali:x', 'Unknown interface'] } },
} as unknown as PacketWalk;
const looked = (
  said: object,
  facts: Parameters<typeof probing>[1]['facts'] = { walks: [unknown] },
  felix: object = { stdout: '' },
) =>
  probing(nodeNames, {
    script: { 'cat-calico-nodename': said, 'bash-felix-node-name': felix },
    facts: { flow, walks: [], endpoint: {} as never, 'source-endpoint': {} as never, ...facts },
  }).fact('node-names');

test.each([
  ['the file has it', { stdout: 'n1.example.com\n' }, 'n1.example.com'],
  ['there is no file', { exit: 1, stderr: 'cat: /var/lib/calico/nodename: No such file or directory' }, null],
])('%s', async (_, said, plugin) => {
  expect(await looked(said)).toMatchObject({ value: [{ node: 'n1', plugin }] });
  expect(await looked(said, { endpoint: null })).toMatchObject({ value: [{ node: 'n1', plugin }] });
  expect(await looked(said, { 'links@target': [podInterface] })).toMatchObject({ value: [{ node: 'n1', plugin }] });
});

test.each([
  ['its environment', { stdout: 'FELIX_FELIXHOSTNAME=n1.example.com\n' }, 'n1.example.com'],
  ['its environment, in other letters', { stdout: 'Felix_FelixHostname=N1\n' }, 'N1'],
  ['two processes agree', { stdout: 'FELIX_FELIXHOSTNAME=n1\nFELIX_FELIXHOSTNAME=n1\n' }, 'n1'],
  ['two processes differ', { stdout: 'FELIX_FELIXHOSTNAME=n1\nFELIX_FELIXHOSTNAME=n2\n' }, null],
  ['nothing', { stdout: '' }, null],
  ['no name', { stdout: 'FELIX_FELIXHOSTNAME=a name\n' }, null],
  ['the helper of the node is older', { exit: 126, stderr: 'refused' }, null],
  ['the node did not answer in time', { exit: null, timedOut: true }, null],
])('what Felix calls the node: %s', async (_, said, felix) => {
  expect(await looked({ stdout: 'n1\n' }, undefined, said)).toMatchObject({
    value: [{ node: 'n1', plugin: 'n1', felix }],
  });
});

test.each([
  ['empty', { stdout: '\n' }, 'not-parsed'],
  ['several words', { stdout: 'a name\n' }, 'not-parsed'],
  ['too long', { stdout: 'n'.repeat(300) }, 'not-parsed'],
  ['refused', { exit: 1, stderr: 'cat: /var/lib/calico/nodename: Permission denied' }, 'command-failed'],
  ['cut off', { stdout: 'n1', truncated: true }, 'output-too-large'],
  ['late', { exit: null, timedOut: true }, 'timeout'],
])('not known: %s', async (_, said, code) => {
  expect(codeOf(await looked(said))).toBe(code);
});

test('is not read where Felix and the datastore know the pods', async () => {
  expect(codeOf(await looked({}, { 'links@target': [{ ...podInterface, hostRoutes: [podEnd().address] }] }))).toBe(
    'not-applicable',
  );
});
