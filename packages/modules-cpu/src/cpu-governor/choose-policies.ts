import { formatCpuList, type Host, janusError } from '@janus/core'
import { requireOnline } from '../online-cpus.js'
import { DIRECTORY, type Policy, readPolicies } from './policies.js'

/** The policies that are to be set, and processors that get along with those that were named. */
export interface Choice {
  readonly policies: readonly Policy[]
  readonly dragged: readonly number[]
}

/**
 * The policies of these processors. Whole policies: the hardware sets one frequency for all processors of one.
 * @param cpus default: all
 * @throws JANUS_HOST_UNFIT for processors that are offline or have no policy; JANUS_HOST_LACKS_FEATURE where the host has no
 * frequency scaling; JANUS_HOST_UNREADABLE
 */
export async function choosePolicies(host: Host, cpus: readonly number[] | undefined): Promise<Choice> {
  if (cpus !== undefined) await requireOnline(host, cpus)
  const all = await readPolicies(host)
  if (all === undefined) {
    const message = `${host.description} has no frequency scaling: ${DIRECTORY} holds no policies, as in most virtual machines`
    const isUnknown = (await host.list(DIRECTORY)).unreadable !== undefined
    throw janusError(isUnknown ? 'JANUS_HOST_UNREADABLE' : 'JANUS_HOST_LACKS_FEATURE', message, {
      data: { path: DIRECTORY },
      remedy: 'Load the driver of the processor (acpi-cpufreq), or allow it in the firmware setup.',
    })
  }
  if (cpus === undefined) return { policies: all, dragged: [] }
  const policies = all.filter((policy) => policy.cpus.some((cpu) => cpus.includes(cpu)))
  const covered = policies.flatMap((policy) => policy.cpus)
  const without = cpus.filter((cpu) => !covered.includes(cpu))
  if (without.length > 0) {
    const message = `CPU ${formatCpuList(without)} has no frequency policy in ${DIRECTORY}`
    throw janusError('JANUS_HOST_UNFIT', message, {
      data: { path: DIRECTORY, cpus: without },
      remedy: 'Name other CPUs.',
    })
  }
  return { policies, dragged: covered.filter((cpu) => !cpus.includes(cpu)) }
}
