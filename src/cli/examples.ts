import { own } from '../model/own.ts';

/** Examples at the end of each help, by the words that lead to the command; empty: of the program itself. */
const examples: Readonly<Record<string, readonly string[]>> = {
  '': ['calico-chatops doctor', 'calico-chatops diagnose default/mypod', 'calico-chatops explain pod-profile-missing'],
  diagnose: [
    'calico-chatops diagnose default/mypod',
    'calico-chatops diagnose -n default mypod --from pod:default/client --port 8080/tcp',
    'calico-chatops diagnose svc:default/web --from pod:default/client',
    'calico-chatops diagnose default/client --to svc:default/web --port 80/tcp',
    'calico-chatops diagnose default/mypod --context staging -o json',
    'calico-chatops diagnose default/mypod --case ./mypod-case',
  ],
  policy: [
    'calico-chatops policy default/mypod',
    'calico-chatops policy default/mypod --from pod:default/client --port 8080/tcp',
    'calico-chatops policy -n default mypod -o yaml',
  ],
  cancel: ['calico-chatops cancel r-01JDXV4Z5W6Q8R9T0A1B2C3D4E'],
  replay: ['calico-chatops replay ./mypod-case', 'calico-chatops replay ./mypod-case --expect controller-forbidden'],
  trace: [
    'iptables-save -c | calico-chatops trace --rules - --hook FORWARD --proto tcp --dport 8080 ' +
      '--src 192.0.2.7 --dst 192.0.2.5',
  ],
  explain: ['calico-chatops explain', 'calico-chatops explain ipip-lost-between-nodes'],
  doctor: ['calico-chatops doctor', 'calico-chatops doctor -o json'],
  init: [
    'calico-chatops init',
    'calico-chatops init ./bot --context staging --approvers U0ALICE,S0ONCALL',
    'calico-chatops init --via agent --image images.example/calico-chatops-agent:1 --yes',
  ],
  config: ['calico-chatops config check', 'calico-chatops config show'],
  'config check': ['CALICO_CHATOPS_CONFIG=./calico-chatops.yaml calico-chatops config check'],
  'config show': ['calico-chatops config show -o yaml'],
  'config schema': ['calico-chatops config schema > calico-chatops.schema.json'],
  serve: ['calico-chatops serve', 'calico-chatops serve --role worker'],
  fix: ['calico-chatops fix list', 'calico-chatops fix approve p-01JDXV4Z5W'],
  'fix list': ['calico-chatops fix list -o yaml'],
  'fix show': ['calico-chatops fix show p-01JDXV4Z5W'],
  'fix approve': ['calico-chatops fix approve p-01JDXV4Z5W --as alice'],
  'fix reject': ['calico-chatops fix reject p-01JDXV4Z5W'],
  'fix rollback': ['calico-chatops fix rollback p-01JDXV4Z5W'],
  audit: ['calico-chatops audit verify'],
  'audit verify': ['calico-chatops audit verify -o json'],
  completion: [
    'source <(calico-chatops completion bash)',
    'calico-chatops completion zsh > "${fpath[1]}/_calico-chatops"',
    'calico-chatops completion fish > ~/.config/fish/completions/calico-chatops.fish',
  ],
  version: ['calico-chatops version -o json'],
};

export const examplesOf = (path: string): readonly string[] => own(examples, path) ?? [];
