/**
 * What the policy controller of Calico 2.x prints where the API server's answer is not JSON, at the end of a traceback.
 * Older API servers refuse in plain text, a token (401) as well as a right (403), and a proxy's page looks the same: so
 * the line alone does not say which. Source: projectcalico/k8s-policy v0.7, controller.py.
 */
export const notJson = /JSONDecodeError: Expecting value: line 1 column 1 \(char 0\)/;
