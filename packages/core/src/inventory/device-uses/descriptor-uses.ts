import type { DescriptorHolder } from '../../contract/query.js'
import { type DeviceNode, readDeviceNodes } from './device-nodes.js'
import type { FoundUse, UseSurvey } from './use-survey.js'

/** Subsystems whose nodes somebody always holds open (logind, the display server) and lets go of without harm. */
const HARMLESS = new Set(['input', 'hidraw'])

/** Subsystems where an unbind would wait for the holder, so that not knowing them all is worth saying. */
const WAITED_FOR = new Set(['drm', 'vfio', 'vfio-dev'])

/** Processes that hold a node of a device open; for a VFIO node that is a virtual machine. */
export async function findDescriptorUses(survey: UseSurvey): Promise<readonly FoundUse[]> {
  const nodes = await readDeviceNodes(survey)
  if (nodes.length === 0) return []
  const devices = [...new Set(nodes.map(({ number }) => number))].sort()
  const answer = await survey.query('descriptor-holders', { devices })
  if (!answer.available) return unknownHolders(nodes, answer.reason)
  const found = nodes.flatMap((node) =>
    answer.holders.filter(({ device }) => device === node.number).flatMap((holder) => usesBy(node, holder)),
  )
  const gap = answer.complete ? [] : unknownHolders(nodes, 'not every process could be looked into')
  return [...found, ...gap]
}

function usesBy(node: DeviceNode, { pid, name, path }: DescriptorHolder): readonly FoundUse[] {
  const isMachine = node.subsystem === 'vfio' || node.subsystem === 'vfio-dev'
  const use = {
    kind: isMachine ? ('virtual-machine' as const) : ('descriptor' as const),
    severity: HARMLESS.has(node.subsystem) ? ('notice' as const) : ('blocking' as const),
    summary: `${name} (process ${pid}) holds ${path} open`,
    chain: [node.name, `${name} (${pid})`],
    evidence: `/proc/${pid}/fd`,
  }
  return node.addresses.map((address) => ({ address, use }))
}

function unknownHolders(nodes: readonly DeviceNode[], reason: string): readonly FoundUse[] {
  const said = new Map<string, FoundUse>()
  for (const { addresses, subsystem, name, evidence } of nodes) {
    if (!WAITED_FOR.has(subsystem)) continue
    for (const address of addresses) {
      if (said.has(address)) continue
      const summary = `who holds ${name} open is not fully known: ${reason}`
      said.set(address, { address, use: { kind: 'descriptor', severity: 'notice', summary, chain: [name], evidence } })
    }
  }
  return [...said.values()]
}
