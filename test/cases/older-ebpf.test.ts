/** Nodes whose Calico prints its eBPF policies as versions up to v3.31 do: what they hold of a pod is not known. */
import { expect, test } from '@jest/globals';
import { readCapture, type Capture } from './capture.ts';
import { captureDeps, judgeCapture } from './judge-capture.ts';

function printedByOlder(capture: Capture): Capture {
  const text = (path: string) => {
    const printed = capture.text(path);
    if (printed === null || !path.includes('policy-dump-')) return printed;
    return printed.replaceAll(
      /^(IfaceName: .*\nHook: .*)\n[^]*?(?=^IfaceName: |(?![^]))/gm,
      '$1\nError: \nPolicy Info:\n// Start of tier default\n// count = 0\n',
    );
  };
  return { ...capture, text };
}

test.each([
  ['healthy-bpf', ['healthy', 'works']],
  ['policy-denies-ingress-bpf', ['fault', 'fails', 'policy-denies-ingress inferred']],
  ['vxlan-blocked-bpf', ['fault', 'fails', 'vxlan-lost-between-nodes capture']],
])('%s is judged by what else is known, and the dump is a blind spot with a command', async (name, expected) => {
  const { verdict, flow, roots, latent, blindSpots } = await judgeCapture(
    captureDeps(printedByOlder(readCapture(name))),
    { port: { protocol: 'tcp', number: 8080 } },
  );
  expect([verdict, flow, ...[...roots, ...latent].map(({ rule, proof }) => `${rule} ${proof}`)]).toEqual(expected);
  expect(blindSpots.map(({ reason }) => reason)).toContainEqual(
    expect.stringMatching(/up to v3\.31 prints it.*run calico-node -bpf policy dump cali4e199eba087 all$/),
  );
});
