/** What fixes let calicoctl read: one document a kind of profile, whatever the values. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { parse } from 'yaml';
import { calicoctlCreateAccountProfile, calicoctlCreateNamespaceProfile } from '../../src/commands/calicoctl.ts';
import { calicoctlV1CreateNamespaceProfile } from '../../src/commands/calicoctl-v1.ts';
import { profileObject, profileParams, profileText, type ProfileOwner } from '../../src/fixes/kit/profile-object.ts';
import { fillTemplate } from '../../src/model/command-line.ts';

describe("a profile's document", () => {
  const templateOf = {
    namespace: calicoctlCreateNamespaceProfile,
    'old-namespace': calicoctlV1CreateNamespaceProfile,
    account: calicoctlCreateAccountProfile,
  };
  const label = fc.stringMatching(/^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/);
  const subdomain = fc.stringMatching(
    /^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?){0,3}$/,
  );
  const awkward = fc.constantFrom('', 'true', 'null', 'no', '1', '0x1', '1e3', '1.0', '2026-01-01', '0777', 'Infinity');
  const labels = fc.dictionary(
    fc.oneof(
      label,
      fc.tuple(subdomain, label).map(([prefix, name]) => `${prefix}/${name}`),
    ),
    fc.oneof(awkward, label),
    { maxKeys: 30 },
  );
  const owner = fc.oneof(
    fc.constantFrom<ProfileOwner>({ kind: 'namespace' }, { kind: 'old-namespace' }),
    subdomain.map((account): ProfileOwner => ({ kind: 'account', account })),
  );
  const namespace = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);

  test('filled in on the node, is the object that a person approved, read as JSON or as YAML', () => {
    fc.assert(
      fc.property(namespace, owner, labels, (space, whose, own) => {
        const profile =
          whose.kind === 'account'
            ? `ksa.${space}.${whose.account}`
            : `${whose.kind === 'namespace' ? 'kns' : 'k8s_ns'}.${space}`;
        const object = profileObject(profile, space, whose, own);
        const template = templateOf[whose.kind];
        const input = fillTemplate(template, profileParams(object, space, whose)).input ?? '';
        expect(JSON.parse(input)).toEqual(object);
        expect(parse(input)).toEqual(object);
        expect(parse(profileText(object))).toEqual(object);
      }),
      { numRuns: 300 },
    );
  });

  test('never gets another shape by any values that are taken', () => {
    const anything = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      label,
      fc.constantFrom(
        'x","y":"z',
        'pcns.a=b,pcns.a=c',
        'pcns.projectcalico.org/name=evil',
        'pcns.a=b"}},"spec":{',
        'k8s_ns/label/a=b"}},"spec":{',
        'k8s_ns/label/a=b,pcns.a=b',
        'calico/k8s_ns=evil',
        'a\nb',
      ),
    );
    fc.assert(
      fc.property(anything, anything, (space, own) => {
        try {
          const parsed = JSON.parse(
            fillTemplate(calicoctlCreateNamespaceProfile, { namespace: space, labels: own }).input ?? '',
          );
          expect(parsed).toEqual({
            ...profileObject(`kns.${space}`, space, { kind: 'namespace' }, {}),
            spec: { ...parsed.spec, labelsToApply: expect.objectContaining({ 'pcns.projectcalico.org/name': space }) },
          });
          expect(Object.keys(parsed.spec)).toEqual(['egress', 'ingress', 'labelsToApply']);
        } catch (error) {
          if (!(error instanceof TypeError)) throw error;
        }
        try {
          const filled = fillTemplate(calicoctlV1CreateNamespaceProfile, { namespace: space, labels: own });
          const parsed = JSON.parse(filled.input ?? '');
          const bare = profileObject(`k8s_ns.${space}`, space, { kind: 'old-namespace' }, {});
          const labels = expect.objectContaining({ 'calico/k8s_ns': space });
          expect(parsed).toEqual({ ...bare, metadata: { ...bare.metadata, labels } });
        } catch (error) {
          if (!(error instanceof TypeError)) throw error;
        }
      }),
      { numRuns: 2000 },
    );
  });
});
