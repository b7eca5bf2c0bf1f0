import type { Fix } from '../model/fix.ts';
import { createPodProfile } from './create-pod-profile/create-pod-profile.ts';
import { grantControllerRbac } from './grant-controller-rbac/grant-controller-rbac.ts';

/** Every fix, in no order. */
export const fixes: readonly Fix[] = [createPodProfile, grantControllerRbac];
