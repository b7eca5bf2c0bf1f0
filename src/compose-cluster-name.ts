/** The only cluster that the configuration names. */
export const clusterName = 'default';
