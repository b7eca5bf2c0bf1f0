/** Until when an API server takes what a kubeconfig holds. */
export interface CredentialsEnd {
  readonly kind: 'token' | 'client certificate';
  readonly at: Date;
}
