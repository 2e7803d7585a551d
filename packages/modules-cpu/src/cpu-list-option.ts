import { parseCpuList } from '@janus/core'
import * as z from '@janus/core/zod'

const LONGEST = 4096

/** A list of processors as the kernel writes it, `2-5,8`; the module sees the numbers, ascending. */
export const cpuList = z
  .string()
  .max(LONGEST)
  .refine((text) => (parseCpuList(text)?.length ?? 0) > 0, 'must be a list of CPUs such as 2-5,8')
  .transform((text): readonly number[] => parseCpuList(text) ?? [])
