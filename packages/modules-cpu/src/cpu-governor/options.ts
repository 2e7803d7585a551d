import * as z from '@janus/core/zod'
import { cpuList } from '../cpu-list-option.js'

const word = z.string().regex(/^[a-z][a-z0-9_]{0,30}$/, 'must be a word such as performance')

/** Options of cpu-governor. */
export const cpuGovernorOptions = z
  .strictObject({
    cpus: cpuList.optional().describe('CPUs, such as `2-5,8`. Default: all that are online.'),
    governor: word.optional().describe('The frequency governor, such as `performance`, `schedutil` or `powersave`.'),
    energyPreference: word
      .refine((value) => value !== 'default', 'must be the preference itself: `default` reads back as another word')
      .optional()
      .describe('The energy performance preference, such as `balance_performance`, where the driver has one.'),
    boost: z
      .boolean()
      .optional()
      .describe('Whether the processors may go beyond their base frequency (turbo). It is one switch for all of them.'),
  })
  .refine(
    ({ governor, energyPreference, boost }) => [governor, energyPreference, boost].some((value) => value !== undefined),
    {
      message: 'give governor, energyPreference or boost',
      path: ['governor'],
    },
  )

/** Options of cpu-governor as the module sees them. */
export type CpuGovernorOptions = z.output<typeof cpuGovernorOptions>
