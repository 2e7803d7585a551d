import type { Host } from '../../contract/host.js'
import type { PciDevice } from '../../contract/inventory.js'
import type { Queries, Query, QueryName } from '../../contract/query.js'
import { readDeviceNodes } from '../../inventory/device-uses/device-nodes.js'
import { createUseSurvey } from '../../inventory/device-uses/use-survey.js'
import { queryKey } from '../queries/snapshot-answers.js'
import { CAPTURED_OPENABLE, CAPTURED_PROGRAMS } from './capture-paths.js'
import type { MaskContext } from './mask.js'

/** Groups whose names say nothing about the machine. */
const COMMON_GROUPS = new Set([
  'root',
  'sudo',
  'wheel',
  'kvm',
  'libvirt',
  'libvirt-qemu',
  'qemu',
  'disk',
  'video',
  'render',
  'input',
  'audio',
])

/**
 * Asks what the checks ask, and keeps the answers.
 * @param context masks user and group names; undefined leaves them
 */
export async function captureQueries(
  host: Host,
  query: Query,
  devices: readonly PciDevice[],
  context: MaskContext | undefined,
): Promise<Readonly<Record<string, unknown>>> {
  const answers: Record<string, unknown> = {}
  const ask = async <Name extends QueryName>(name: Name, input: Queries[Name]['input']) => {
    const answer = await query(name, input)
    if (answer.available) answers[queryKey(name, input)] = maskAnswer(answer, context)
  }
  await ask('identity', {})
  for (const path of CAPTURED_OPENABLE) await ask('openable', { path })
  for (const name of CAPTURED_PROGRAMS) await ask('program', { name })
  const nodes = await readDeviceNodes(createUseSurvey(host, query, devices))
  await ask('descriptor-holders', { devices: [...new Set(nodes.map(({ number }) => number))].sort() })
  return answers
}

function maskAnswer(answer: object, context: MaskContext | undefined): object {
  if (context === undefined) return answer
  const { tokens, common } = context
  const masked: unknown = JSON.parse(JSON.stringify(answer), (key, value: unknown) => {
    if (key === 'user' && typeof value === 'string') return value === 'root' ? value : tokens.token('user', value)
    if (key === 'groups' && Array.isArray(value)) {
      return value.map((group: string) => (COMMON_GROUPS.has(group) ? group : tokens.token('group', group)))
    }
    return typeof value === 'string' ? common(value) : value
  })
  return masked as object
}
