import * as z from '@janus/core/zod'

/** Options of cpu-kvm. */
export const cpuKvmOptions = z
  .strictObject({
    nested: z
      .boolean()
      .optional()
      .describe('Whether guests may run virtual machines themselves. Changing it needs every virtual machine stopped.'),
    ignoreMsrs: z
      .boolean()
      .optional()
      .describe(
        'Whether a guest may touch model-specific registers that KVM does not know; macOS and some drivers do.',
      ),
    reportIgnoredMsrs: z.boolean().optional().describe('Whether the kernel log names each register that was ignored.'),
    persistent: z
      .boolean()
      .default(false)
      .describe('Write the parameters to /etc/modprobe.d/janus-kvm.conf too, for every later load of the modules.'),
  })
  .refine(
    ({ persistent, nested, ignoreMsrs, reportIgnoredMsrs }) =>
      !persistent || [nested, ignoreMsrs, reportIgnoredMsrs].some((value) => value !== undefined),
    { message: 'there is nothing to keep: give nested, ignoreMsrs or reportIgnoredMsrs', path: ['persistent'] },
  )

/** Options of cpu-kvm as the module sees them. */
export type CpuKvmOptions = z.output<typeof cpuKvmOptions>
