/** As a phone, and as a desk shows it. */
export const sizes = {
  phone: { width: 390, height: 844 },
  desktop: { width: 1360, height: 1000 },
} as const;
export type Size = keyof typeof sizes;
