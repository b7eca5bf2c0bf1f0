/** A kubeconfig of one cluster, one user and one context. @param cluster its address and how it is trusted */
export const kubeconfigOf = (cluster: object, token = 'any') => ({
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': 'it',
  clusters: [{ name: 'it', cluster }],
  users: [{ name: 'it', user: { token } }],
  contexts: [{ name: 'it', context: { cluster: 'it', user: 'it' } }],
});

/** The same for a server of a test on the loopback. */
export const kubeconfigAt = (port: number) =>
  kubeconfigOf({ server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true });
