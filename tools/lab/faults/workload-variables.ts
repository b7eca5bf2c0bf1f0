import { z } from 'zod';
import type { Administrator } from '../control-plane/api.ts';
import type { Step } from './steps.ts';

const variableSchema = z.looseObject({ name: z.string(), value: z.string().optional() });
const workloadSchema = z.looseObject({
  spec: z.looseObject({
    template: z.looseObject({
      spec: z.looseObject({ containers: z.array(z.looseObject({ env: z.array(variableSchema).default([]) })).min(1) }),
    }),
  }),
});

/**
 * Sets a variable of a workload's first container, and keeps its old value in `saved`. Pods have it when they are made
 * anew.
 * @throws Error where the container does not have the variable
 */
export async function setVariable(
  api: Administrator,
  { path, variable, value }: Extract<Step, { do: 'set-variable' }>,
  saved: Record<string, unknown>,
): Promise<void> {
  const [first, ...rest] = workloadSchema.parse(await api.get(path)).spec.template.spec.containers;
  const before = first?.env.find(({ name }) => name === variable);
  if (!first || !before) throw new Error(`${path} has no variable ${variable}`);
  const kept = `${variable} of ${path}`;
  const wanted = value ?? z.string().parse(saved[kept]);
  saved[kept] ??= before.value;
  const env = first.env.map((one) => (one === before ? { ...one, value: wanted } : one));
  await api.patch(path, { spec: { template: { spec: { containers: [{ ...first, env }, ...rest] } } } });
}
