import { startsTheAgent } from './agent-rights.ts';

interface Allowed {
  /** The bot's account, as the API server names it. */
  readonly user: string;
  /** Name of the binding that it may change, and of the role that this binds. */
  readonly role: string;
  /** The account that the binding may name. */
  readonly subject: { readonly name: string; readonly namespace: string };
}

const name = 'calico-chatops-writes';
const text = JSON.stringify;
const same = (field: string) => `object.metadata.?${field} == oldObject.metadata.?${field}`;

/**
 * Returns the admission policy that holds the bot's account to its one write, and the policy's binding. It speaks of
 * every resource, so that rights which somebody gives the account by mistake change nothing either.
 */
export function writesPolicy({ user, role, subject }: Allowed): readonly object[] {
  return [
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name },
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: {
          resourceRules: [
            {
              apiGroups: ['*'],
              apiVersions: ['*'],
              operations: ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'],
              resources: ['*/*'],
            },
          ],
        },
        matchConditions: [
          { name: 'asked-by-calico-chatops', expression: `request.userInfo.username == ${text(user)}` },
          // Questions to the authorizer are sent as objects that nothing stores.
          { name: 'is-no-access-review', expression: 'request.resource.group != "authorization.k8s.io"' },
        ],
        variables: [
          {
            name: 'changesTheGrant',
            expression:
              'request.operation == "UPDATE" && request.?subResource.orValue("") == "" && request.resource.group ' +
              '== "rbac.authorization.k8s.io" && request.resource.resource == "clusterrolebindings" && ' +
              `request.name == ${text(role)}`,
          },
          // Its own policy says so too (deploy/node-agent); without its rights it is refused.
          { name: 'startsTheAgent', expression: startsTheAgent },
        ],
        validations: [
          {
            expression: 'variables.changesTheGrant || variables.startsTheAgent',
            message: `calico-chatops may change the subject of ClusterRoleBinding ${role} and write nothing else`,
          },
          {
            expression:
              '!variables.changesTheGrant || (object.roleRef == oldObject.roleRef && object.roleRef.kind == ' +
              `"ClusterRole" && object.roleRef.name == ${text(role)})`,
            message: `ClusterRoleBinding ${role} binds to ClusterRole ${role} alone`,
          },
          {
            expression:
              '!variables.changesTheGrant || object.?subjects.orValue([]).size() == 0 || (object.subjects.size() ' +
              '== 1 && object.subjects[0].kind == "ServiceAccount" && object.subjects[0].name == ' +
              `${text(subject.name)} && object.subjects[0].namespace == ${text(subject.namespace)})`,
            message: `ClusterRoleBinding ${role} may name the account ${subject.namespace}/${subject.name}, or nobody`,
          },
          {
            expression:
              '!variables.changesTheGrant || ' +
              `(${['labels', 'annotations', 'finalizers', 'ownerReferences'].map(same).join(' && ')})`,
            message: 'calico-chatops may not change labels, annotations, finalizers or owners',
          },
        ],
      },
    },
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name },
      spec: { policyName: name, validationActions: ['Deny'] },
    },
  ];
}
