import { expect, test } from '@jest/globals';
import type { NodeDataplane } from '../../../src/model/dataplane.ts';
import type { Flow } from '../../../src/model/flow.ts';
import { programServices } from '../../../src/probes/node/program-services.ts';
import { readCapture } from '../../cases/capture.ts';
import { captured, valueOf } from '../../support/facts.ts';
import { codeOf, probing, type Script } from '../scripted.ts';

const flow: Flow = {
  ...valueOf(await captured('healthy-bpf'), 'flow'),
  service: { name: 'default/web', address: '10.96.250.214', port: { protocol: 'tcp', number: 8080 } },
};
const nodes = ['n1', 'n2'].map((name, at) => ({
  metadata: { name },
  status: { addresses: [{ type: 'InternalIP', address: `10.250.0.1${at + 1}` }] },
}));
const dump = `# services\n${readCapture('healthy-bpf').text('n2/nat-dump.txt')}\n# end 0\n`;
const read = (answer: Script[string], asked: Flow = flow, dataplane: NodeDataplane['dataplane'] = 'ebpf') =>
  probing(programServices, {
    script: { 'bash-ebpf-services': answer },
    facts: { flow: asked, nodes, dataplanes: [{ node: 'n2', dataplane, signs: [] }] },
  }).fact('program-services');

test("the programs of the sender's node are read, and what they hold of the Service is shown", async () => {
  const fact = await read({ stdout: dump });
  expect(fact).toMatchObject({ status: 'observed', evidence: [{ node: 'n2' }] });
  expect(fact.status === 'observed' && fact.value.length).toBe(4);
  expect(fact.evidence?.[0]?.excerpt).toMatch(
    /^10\.96\.250\.214 port 8080 .*\n10\.244\.1\.5:8080\n10\.244\.3\.5:8080$/,
  );
});

test('nothing is read where no Service is asked for, or packet filters translate it', async () => {
  const { service: _, ...direct } = flow;
  expect(codeOf(await read({ stdout: dump }, direct))).toBe('not-applicable');
  expect(codeOf(await read({ stdout: dump }, flow, 'iptables-nft'))).toBe('not-applicable');
});

test.each<[string, Script[string], string]>([
  [
    'no calico-node that may be asked',
    { exit: 3, stderr: 'no privileged process of calico-node runs' },
    'not-supported',
  ],
  ['it takes too long', { stdout: '# services\n# end 124\n' }, 'timeout'],
  [
    'there is no map',
    { stdout: '# services\ntime="t" level=error msg="Failed" error="stat: no such file"\n# end 0\n' },
    'command-failed',
  ],
  ['the answer is cut', { stdout: '# services\n10.96.0.1 port' }, 'not-parsed'],
  ['the answer has another shape', { stdout: '# services\nUsage: nat\n# end 0\n' }, 'not-parsed'],
])('%s: it is not known what they hold', async (_, answer, code) => {
  expect(codeOf(await read(answer))).toBe(code);
});
