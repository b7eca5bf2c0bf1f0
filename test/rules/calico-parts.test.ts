/** Advice about Calico's own parts has the names that they have on this cluster, and commands that exist. */
import { describe, expect, test } from '@jest/globals';
import { observed, unavailable } from '../../src/model/evidence.ts';
import type { Controller } from '../../src/model/control-plane.ts';
import type { Install, InstallKind } from '../../src/model/install.ts';
import { askOperator, everyWay, onThisInstall, partsData } from '../../src/rules/lib/calico-parts.ts';
import { rules } from '../../src/rules/registry.ts';
import { findingsOf } from '../../src/engine/evaluate.ts';
import { toFinding } from '../../src/engine/finding.ts';
import type { Rule } from '../../src/model/rule.ts';
import { captured, changed, evaluated, valueOf, type Facts } from '../support/facts.ts';
import { installed } from '../support/installs.ts';
import { controllerForbidden } from '../../src/rules/controller/controller-forbidden.ts';
import { controllerNotRunning } from '../../src/rules/controller/controller-not-running.ts';
import { felixNotRunning } from '../../src/rules/felix/felix-not-running.ts';
import { calicoNodeForbidden } from '../../src/rules/felix/calico-node-forbidden.ts';

const of = (kind: InstallKind) => observed(installed(kind));
const unread = unavailable('api-forbidden', 'refused');
const findingFor = async (rule: Rule, facts: Facts) => {
  const [finding] = findingsOf(await evaluated(rule, facts));
  return finding ? toFinding({ rule, finding }) : null;
};
const change = { manifest: 'kubectl A', operator: 'kubectl B' };

describe('names of parts', () => {
  test('of each install', () => {
    expect(partsData(of('operator'))).toEqual({
      calicoNamespace: 'calico-system',
      calicoNode: 'calico-node',
      calicoNodeLabel: 'k8s-app=calico-node',
    });
    const canal = installed('manifest').node;
    const withCanal = {
      ...installed('manifest'),
      node: canal && { ...canal, name: 'canal', selector: 'k8s-app=canal' },
    };
    expect(partsData(observed(withCanal))).toEqual({
      calicoNamespace: 'kube-system',
      calicoNode: 'canal',
      calicoNodeLabel: 'k8s-app=canal',
    });
  });
  test('a namespace that is not known is for a person to fill in', () => {
    for (const install of [unread, of('unknown')]) expect(partsData(install).calicoNamespace).toBe('NAMESPACE');
  });
});

describe('a change of a setting', () => {
  test('is one command where the install is known, else one for each', () => {
    expect(onThisInstall(of('manifest'), change)).toEqual(['kubectl A']);
    expect(onThisInstall(of('operator'), change)).toEqual(['kubectl B']);
    for (const install of [unread, of('unknown')]) expect(onThisInstall(install, change)).toEqual(everyWay(change));
  });
  test('says who would undo it', () => {
    expect(onThisInstall(of('helm'), change)).toEqual([
      'kubectl A   # Helm release calico undoes this: change it there too',
    ]);
    const owned: Install = installed('operator');
    const operator = owned.operator && { ...owned.operator, owner: { by: 'gitops', name: 'Argo CD' } as const };
    expect(
      onThisInstall(observed({ ...owned, operator }), { ...change, operator: 'kubectl B   # restart pods' }),
    ).toEqual(['kubectl B   # Argo CD undoes this: change it there too; restart pods']);
  });
  test('is not made in an Installation that the owner does not read', () => {
    expect(onThisInstall(observed({ ...installed('operator'), operator: null }), change)).toEqual([
      'kubectl A   # Installation default undoes this: change it there too',
    ]);
  });
});

const asked = async (rule: Rule, facts: Facts, kind: InstallKind) => {
  const finding = await findingFor(rule, changed(facts, { install: installed(kind) }));
  return {
    commands: finding?.advice?.commands.join('\n') ?? '',
    fix: finding?.fix?.id ?? null,
    detail: finding?.detail,
  };
};

describe('what each owner is asked', () => {
  test('a Felix that does not run is looked for where it was installed', async () => {
    const dead = { processes: [], liveness: null, readiness: null };
    const facts = changed(await captured('healthy-legacy'), { 'felix@target': dead });
    expect((await asked(felixNotRunning, facts, 'operator')).commands).toContain(
      'kubectl -n calico-system logs $(kubectl -n calico-system get pods -l k8s-app=calico-node --field-selector ' +
        'spec.nodeName=n1 -o name) -c calico-node --tail=100',
    );
    expect((await asked(felixNotRunning, facts, 'manifest')).commands).toContain('kubectl -n kube-system logs ');
  });
  test('the operator keeps the rights of calico-node', async () => {
    const facts = await captured('calico-node-forbidden-new-pod-kdd-nft');
    expect((await asked(calicoNodeForbidden, facts, 'operator')).commands).toContain(askOperator[0]);
    expect((await asked(calicoNodeForbidden, facts, 'helm')).commands).toContain('Helm release calico applies them');
    expect((await asked(calicoNodeForbidden, facts, 'manifest')).commands).toContain('compare with the manifest');
  });
  test('the controller has no button where its owner undoes changes', async () => {
    const facts = await captured('profile-missing-rbac-legacy');
    expect(await asked(controllerForbidden, facts, 'manifest')).toMatchObject({ fix: 'grant-controller-rbac' });
    expect(await asked(controllerForbidden, facts, 'other')).toMatchObject({
      fix: 'grant-controller-rbac',
      commands: expect.stringContaining('Argo CD application net applies them: restore the right there'),
    });
    const install = { ...installed('operator'), operator: null };
    expect(await findingFor(controllerForbidden, changed(facts, { install }))).toMatchObject({
      fix: null,
      detail: expect.stringContaining('No button: Installation default owns the controller, and undoes changes.'),
    });
  });
  test('with the operator the controller makes no profiles', async () => {
    const facts = await captured('profile-missing-rbac-legacy');
    expect(await findingFor(controllerForbidden, changed(facts, { install: installed('operator') }))).toBeNull();
  });
  test('a controller that is not there belongs where the rest of Calico is', async () => {
    const facts = await captured('healthy-legacy');
    const missing = { ...valueOf(facts, 'controller'), pods: [], deployment: null };
    const found = (kind: InstallKind, controller: Controller = missing) =>
      findingFor(controllerNotRunning, changed(facts, { controller, install: installed(kind) }));
    expect(await found('operator')).toMatchObject({
      subject: { name: 'calico-system/calico-kube-controllers' },
      advice: { commands: expect.arrayContaining([...askOperator]) },
    });
    expect((await found('manifest'))?.advice?.commands).toEqual([
      expect.stringMatching(/^kubectl get deployment -A .* apply the manifest of the installed version again$/),
    ]);
    expect((await found('helm'))?.advice?.commands).toEqual([
      expect.stringContaining('see that Helm release calico applies it again'),
    ]);
    const stopped = {
      ...missing,
      deployment: { metadata: { name: 'c' }, spec: { replicas: 0, template: { spec: { containers: [] } } } },
    };
    expect((await found('manifest', stopped))?.advice?.commands.at(-1)).toContain('--replicas=1');
    expect((await found('operator', stopped))?.advice?.commands.join()).not.toContain('--replicas');
  });
});

const commands = [...rules.flatMap(({ advice }) => advice?.commands ?? []), ...askOperator];

describe('every command that is advised', () => {
  test('names no namespace of Calico, which differs', () => {
    expect(commands.length).toBeGreaterThan(60);
    expect(commands.filter((command) => /kube-system|calico-system|calico-apiserver/.test(command))).toEqual([]);
  });
  test('has a verb of kubectl, and no flag that the verb does not have', () => {
    const verbs = [
      'get',
      'logs',
      'exec',
      'describe',
      'delete',
      'edit',
      'scale',
      'patch',
      'apply',
      'set env',
      'rollout restart',
      'auth can-i',
      'create clusterrole',
      'create clusterrolebinding',
    ];
    const calls = commands.flatMap((command) => {
      const [shell = ''] = command.split('   # ');
      // The command in $(…) is one of its own.
      const inner = [...shell.matchAll(/\$\((.*?)\)/g)].map(([, text = '']) => text);
      return [shell.replaceAll(/\$\(.*?\)/g, 'NAME'), ...inner].filter((text) => text.startsWith('kubectl '));
    });
    expect(calls.length).toBeGreaterThan(20);
    const wrong = calls.filter((call) => {
      const words = call.replace(/^kubectl (?:-n \S+ )?/, '');
      const verb = verbs.find((one) => words.startsWith(`${one} `));
      return verb === undefined || (verb !== 'get' && words.includes('--field-selector'));
    });
    expect(wrong).toEqual([]);
  });
});
