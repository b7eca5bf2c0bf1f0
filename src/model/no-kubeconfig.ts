/** Why no cluster is known: the same words wherever it is noticed. */
export const noKubeconfig = 'KUBECONFIG is not set, there is no ~/.kube/config, and this is not a pod with an account';
