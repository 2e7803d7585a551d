import * as z from '@janus/core/zod'

/** Options of cpu-smt. */
export const cpuSmtOptions = z.strictObject({
  smt: z.enum(['on', 'off']).describe('Whether every core has its second thread, or only its first one.'),
})

/** Options of cpu-smt as the module sees them. */
export type CpuSmtOptions = z.output<typeof cpuSmtOptions>
