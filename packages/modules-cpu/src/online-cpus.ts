import { formatCpuList, type Host, janusError, readCpu } from '@janus/core'

const ONLINE = '/sys/devices/system/cpu/online'

/**
 * The processors that are online, ascending.
 * @throws JANUS_HOST_UNREADABLE where the host does not show them
 */
export async function readOnlineCpus(host: Host): Promise<readonly number[]> {
  const { online } = await readCpu(host)
  if (online !== undefined && online.length > 0) return online
  const message = `${host.description} does not show which CPUs are online (${ONLINE})`
  throw janusError('JANUS_HOST_UNREADABLE', message, { data: { path: ONLINE } })
}

/**
 * Refuses CPUs that are not online: what is said of them would not hold, or would be lost when they come.
 * @throws JANUS_HOST_UNFIT naming them; JANUS_HOST_UNREADABLE
 */
export async function requireOnline(host: Host, cpus: readonly number[]): Promise<readonly number[]> {
  const online = await readOnlineCpus(host)
  const missing = cpus.filter((cpu) => !online.includes(cpu))
  if (missing.length === 0) return online
  const message = `CPU ${formatCpuList(missing)} is not online: ${ONLINE} is ${formatCpuList(online)}`
  throw janusError('JANUS_HOST_UNFIT', message, {
    data: { path: ONLINE, value: formatCpuList(online), missing },
    remedy: 'Name CPUs that are online.',
  })
}
