import * as z from '@janus/core/zod'

/** Options of gpu-iommu-enable. */
export const gpuIommuEnableOptions = z.strictObject({
  passthrough: z
    .boolean()
    .default(false)
    .describe(
      'Adds `iommu=pt`: devices of the host itself are not translated, only those that a guest has. It costs the host the protection from its own devices.',
    ),
  removeDuplicates: z
    .boolean()
    .default(false)
    .describe('Leaves one word of each parameter that is set. Default: others stay, and the last one wins.'),
})

/** Options of gpu-iommu-enable as the module sees them. */
export type GpuIommuEnableOptions = z.output<typeof gpuIommuEnableOptions>
