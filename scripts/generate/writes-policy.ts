import { startsTheAgent } from './agent-rights.ts';

interface Allowed {
  /** The bot's account, as the API server names it. */
  readonly user: string;
  /** Name of the binding that it may change, and of the role that this binds. */
  readonly role: string;
  /** Calico's controllers: the account that the binding may name, and the Deployment that may be scaled. */
  readonly controllers: { readonly name: string; readonly namespace: string };
}

const name = 'calico-chatops-writes';
const text = JSON.stringify;
const same = (field: string) => `object.metadata.?${field} == oldObject.metadata.?${field}`;

/**
 * Returns the admission policy that holds the bot's account to its two writes, and the policy's binding. It speaks of
 * every resource, so that rights which somebody gives the account by mistake change nothing either.
 */
export function writesPolicy({ user, role, controllers }: Allowed): readonly object[] {
  const which = `${controllers.namespace}/${controllers.name}`;
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
          {
            name: 'scalesTheControllers',
            expression:
              'request.operation == "UPDATE" && request.?subResource.orValue("") == "scale" && ' +
              'request.resource.group == "apps" && request.resource.resource == "deployments" && ' +
              `request.name == ${text(controllers.name)} && request.namespace == ${text(controllers.namespace)}`,
          },
          // Its own policy says so too (deploy/node-agent); without its rights it is refused.
          { name: 'startsTheAgent', expression: startsTheAgent },
        ],
        validations: [
          {
            expression: 'variables.changesTheGrant || variables.scalesTheControllers || variables.startsTheAgent',
            message:
              `calico-chatops may change the subject of ClusterRoleBinding ${role} and the replicas of Deployment ` +
              `${which}, and write nothing else`,
          },
          {
            // The number 0 is left out of the object.
            expression: '!variables.scalesTheControllers || object.spec.?replicas.orValue(0) in [0, 1]',
            message: `calico-chatops may scale Deployment ${which} to 0 or 1`,
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
              `${text(controllers.name)} && object.subjects[0].namespace == ${text(controllers.namespace)})`,
            message: `ClusterRoleBinding ${role} may name the account ${which}, or nobody`,
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
