/**
 * The controller of Calico 2.x, in Python. It has no choice of controllers, and makes policies, profiles and labels.
 * Source: projectcalico/k8s-policy v0.7, controller.py. Manifests call its account, role and binding as its Deployment,
 * as they do for those of later controllers.
 */
export const policyController = 'calico-policy-controller';
