import { observed } from '../../../src/model/evidence.ts';
import { nodeNameMismatch as rule } from '../../../src/rules/felix/node-name-mismatch.ts';
import { blind, captured, changed, type Facts } from '../../support/facts.ts';
import { testRule } from '../../support/rule-tester.ts';

const facts = await captured('healthy-legacy');
const parsed = (name: string) =>
  `2026-11-23 18:11:14.910 [INFO][9] felix/config_params.go 862: Parsed value for FelixHostname: ${name} (from environment variable)`;
/** @param node the one on which names are compared: n1 has the pod, n2 the source */
const named = (plugin: string | null, felix: readonly string[], node = 'n1', told: string | null = null): Facts => ({
  ...changed(facts, { 'node-names': [{ node, plugin, felix: told }] }),
  [`felix-log@${node === 'n1' ? 'target' : 'source'}`]: observed(felix.map(parsed)),
});

testRule(rule, {
  lab: 'node-name-mismatch',
  rows: [
    [
      'fails: short and full name',
      () => named('n1', ['n1.example.com']),
      [
        {
          finding: 'differs Node n1 @n1 read',
          data: { felix: 'n1.example.com', plugin: 'n1' },
          withholds: ['nodeName:n1'],
        },
      ],
    ],
    ['fails: upper and lower case', () => named('n1', ['N1']), ['differs Node n1 @n1 read']],
    [
      'fails on the node of the source',
      () => named('n2.example.com', ['n2'], 'n2'),
      [{ finding: 'differs Node n2 @n2 read', withholds: ['nodeName:n2'] }],
    ],
    [
      'fails by the node of the endpoint, where the plugin wrote no file',
      () => named(null, ['N1']),
      [{ finding: 'differs Node n1 @n1 read', data: { plugin: 'n1' } }],
    ],
    ['fails by the node of the endpoint of the source', () => named(null, ['N2'], 'n2'), ['differs Node n2 @n2 read']],
    [
      'fails by the environment of Felix, where the log no longer has its start',
      () => named('n1', [], 'n1', 'n1.example.com'),
      [{ finding: 'differs Node n1 @n1 read', data: { felix: 'n1.example.com', plugin: 'n1' } }],
    ],
    ['passes by the environment of Felix', () => named('n1', [], 'n1', 'n1'), 'pass'],
    [
      'passes: the environment of the running Felix counts before its log',
      () => named('n1', ['N1'], 'n1', 'n1'),
      'pass',
    ],
    ['passes: the last start of Felix counts', () => named('n1', ['N1', 'n1']), 'pass'],
    ['inconclusive: the log no longer has the start of Felix', () => named('n1', []), 'inconclusive'],
    [
      'inconclusive: neither a file nor an endpoint',
      () => changed(named(null, ['n1']), { endpoint: null }),
      'inconclusive',
    ],
    [
      'inconclusive: the log may not be read',
      () => blind(named('n1', []), ['felix-log@target'], 'api-forbidden'),
      'inconclusive',
    ],
    [
      'does not apply where Felix knows the pods',
      () => blind(facts, ['node-names'], 'not-applicable'),
      'not-applicable',
    ],
    ['inconclusive: the node cannot be asked', () => blind(facts, ['node-names']), 'inconclusive'],
  ],
});
