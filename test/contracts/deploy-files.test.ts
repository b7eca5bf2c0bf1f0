/** The files of deploy/ that start the program: what they set must be what the program reads. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { secretFileKeys } from '../../src/config-secrets.ts';
import { settings } from '../../src/config-settings.ts';
import { inspectConfig } from '../../src/config.ts';
import { programVersion } from '../../src/version.ts';

const deploy = resolve(import.meta.dirname, '../../deploy');
const text = (path: string) => readFileSync(`${deploy}/${path}`, 'utf8');
const keys = [...Object.keys(settings.shape), ...secretFileKeys, 'CALICO_CHATOPS_CONFIG'];

const manifests = parseAllDocuments(text('kubernetes/calico-chatops.yaml')).map((document) => document.toJS());
const container = manifests.find(({ kind }) => kind === 'Deployment').spec.template.spec.containers[0];

test.each([
  ['compose.yaml', () => Object.keys(parse(text('compose.yaml')).services['calico-chatops'].environment)],
  [
    'systemd/calico-chatops.service',
    () => [...text('systemd/calico-chatops.service').matchAll(/^Environment=(\w+)=/gm)].map(([, key = '']) => key),
  ],
  ['kubernetes/calico-chatops.yaml', () => container.env.map(({ name }: { name: string }) => name)],
])('%s sets only what the program reads', (_, names) => {
  const set = names();
  expect(set.length).toBeGreaterThan(2);
  expect(set.filter((name: string) => !keys.includes(name))).toEqual([]);
});

test('the configuration of the manifest is valid', () => {
  const config = manifests.find(({ kind }) => kind === 'ConfigMap').data['calico-chatops.yaml'];
  expect(inspectConfig(parse(config), []).problems).toEqual([]);
});

test('every file names the image of this version', () => {
  const images = ['compose.yaml', 'Dockerfile', 'kubernetes/calico-chatops.yaml'].map(
    (file) => /calico-chatops:(\d+\.\d+\.\d+)/.exec(text(file))?.[1],
  );
  const chart = parse(text('chart/Chart.yaml'));
  images.push(chart.appVersion, chart.version, parse(text('chart/values.yaml')).agent.image.split(':')[1]);
  expect(images).toEqual(images.map(() => programVersion()));
});

test('the images hold the packages of the lock file, and no others', () => {
  const steps = ['Dockerfile', 'node-agent/Dockerfile'].map((file) => text(file).replaceAll(/\\\n\s*/g, ''));
  const npm = steps.map((lines) => [...lines.matchAll(/\bnpm (\S+(?: --\S+)*)/g)].map(([, words]) => words));
  // The first is of the file's comment.
  expect(npm).toEqual([['ci`', 'ci', 'pack', 'ci --omit=dev'], []]);
  expect(steps[0]).toContain('COPY --from=dependencies /source/node_modules /opt/calico-chatops/node_modules');
  const ignored = readFileSync(`${deploy}/../.dockerignore`, 'utf8').split('\n');
  expect(ignored).toContain('!package-lock.json');
});

test('the container writes nothing but its state, and runs as nobody', () => {
  expect(container.securityContext).toMatchObject({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  });
  const writable = container.volumeMounts.filter(({ readOnly }: { readOnly?: boolean }) => readOnly !== true);
  expect(writable.map(({ mountPath }: { mountPath: string }) => mountPath)).toEqual([
    '/var/lib/calico-chatops',
    '/tmp',
  ]);
});

test('what the Compose file wants beside it, such as the key of the nodes, goes into no image, package or commit', () => {
  const { services, secrets } = parse(text('compose.yaml'));
  const beside: readonly string[] = [
    ...services['calico-chatops'].volumes.map((volume: string) => volume.split(':')[0]),
    ...Object.values(secrets).map((secret) => (secret as { file: string }).file),
  ].filter((path: string) => path.startsWith('./'));
  expect(beside.length).toBeGreaterThan(4);
  const root = resolve(deploy, '..');
  const lines = (file: string) => readFileSync(`${root}/${file}`, 'utf8').split('\n');
  const packed: readonly string[] = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')).files;
  for (const path of beside) {
    const [first = ''] = path.slice('./'.length).split('/');
    expect(lines('.dockerignore')).toContain(`deploy/${first}`);
    expect(lines('.gitignore').some((line) => line.replace(/[*/]+$/, '') === `/deploy/${first}`)).toBe(true);
    expect(packed.filter((one) => `deploy/${first}`.startsWith(one))).toEqual([]);
  }
});

test('the role of Ansible gives install only options that it has, and every variable a default', () => {
  const role = (path: string) => text(`ansible/roles/calico_chatops_node/${path}/main.yml`);
  const options = new Set([...role('tasks').matchAll(/'(--[a-z-]+)'/g)].map(([, option]) => option));
  expect([...options]).toEqual(['--no-fixes', '--from', '--sshd-config']);
  for (const option of options) expect(text('node/install')).toContain(`\n    ${option})`);
  const variables = new Set([...role('tasks').matchAll(/\bcalico_chatops_[a-z_]+/g)].map(([name]) => name));
  const registered = ['calico_chatops_folder', 'calico_chatops_install'];
  const defaults = Object.keys(parse(role('defaults')));
  expect([...variables].filter((name) => !registered.includes(name)).toSorted()).toEqual(defaults.toSorted());
  expect(parse(text('ansible/nodes.yml'))[0].roles).toEqual(['calico_chatops_node']);
  // A node that was made anew has one key in the file, not the old one beside it.
  const { regexp, line } = parse(role('tasks')).at(-1).block.at(-1)['ansible.builtin.lineinfile'];
  const variable = /\{\{ calico_chatops_node_name[^}]*\}\}/;
  const matcher = new RegExp(regexp.replace(variable, String.raw`node\.a`));
  const matched = ['node.a', 'node-a', 'node.ab'].map((one) => matcher.test(line.replace(variable, one)));
  expect(matched).toEqual([true, false, false]);
  // A node that is given up leaves no key that the bot trusts: the same line goes.
  const removing = parse(role('tasks')).find(({ name }: { readonly name: string }) =>
    name.startsWith('Remove its host'),
  );
  expect(removing).toMatchObject({
    'ansible.builtin.lineinfile': { path: '{{ calico_chatops_known_hosts }}', regexp, state: 'absent' },
    delegate_to: 'localhost',
    when: ["calico_chatops_state == 'absent'", 'calico_chatops_known_hosts | length > 0'],
  });
  // What the task looks for is what the script says.
  expect(role('tasks')).toContain("'changed    nothing' not in");
  expect(text('node/install')).toContain('echo "changed    ${changed:-nothing}"');
});
