/** What a tool declares that only reads its workspace: the same every time, without a network, and no program but its own. */
export const READS_ONLY = {
  sideEffects: 'none',
  network: false,
  writes: false,
  idempotent: true,
  reversible: true,
  interpreter: false,
} as const
