import { parseCpuList } from '@janus/core'
import * as z from '@janus/core/zod'

/** Tenths of thousands of processors are more than Linux knows; a list that names one is a mistake. */
const cpuList = z
  .string()
  .regex(/^\d{1,5}(-\d{1,5})?(,\d{1,5}(-\d{1,5})?)*$/, 'must be a list of processors such as 2-3 or 4,6,8-11')
  .refine((text) => parseCpuList(text) !== undefined, 'has a range that ends before it begins')
  .transform((text) => parseCpuList(text) ?? [])

const groupName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/, 'must be the name of one cgroup')
const sliceName = z
  .string()
  .regex(/^([A-Za-z0-9_:]+(-[A-Za-z0-9_:]+)*\.slice|init\.scope)$/, 'must be a slice, or init.scope')

/** Options of cpu-isolation. */
export const cpuIsolationOptions = z.strictObject({
  cpus: cpuList.describe('Processors to take from the host, as a list such as `2-3,8`.'),
  mode: z
    .enum(['partition', 'restrict', 'systemd'])
    .optional()
    .describe(
      'How: `partition` makes a cgroup of their own; `restrict` keeps the cgroups there are to the other processors and moves the tasks of the root; `systemd` sets AllowedCPUs of slices. Default: `systemd` where it owns the tree, else `partition`.',
    ),
  partition: z
    .enum(['isolated', 'root'])
    .optional()
    .describe(
      'Kind of the partition: `isolated` (default) without load balancing between its processors, `root` with it.',
    ),
  group: groupName
    .optional()
    .describe('Name of the cgroup below the root. Default: `janus.slice`, for `restrict` `janus-host.slice`.'),
  slices: z
    .array(sliceName)
    .min(1)
    .max(64)
    .optional()
    .describe('With systemd: units that keep to the other processors. Default: system.slice, user.slice, init.scope.'),
  persistent: z
    .boolean()
    .optional()
    .describe(
      'With systemd: also after a reboot, by drop-ins below /etc/systemd/system instead of /run/systemd/system.',
    ),
  kernelThreads: z
    .boolean()
    .optional()
    .describe('With `restrict`: move kernel threads too, as far as they can be moved. Default: true.'),
})

/** Options of cpu-isolation as the module sees them: `cpus` as numbers. */
export type CpuIsolationOptions = z.output<typeof cpuIsolationOptions>
