import type { Finding, Host } from '@janus/core'
import { listWords } from '../list-words.js'
import {
  COMMAND_LINE,
  type IommuParameters,
  isOffForGood,
  readIommuParameters,
  switchedOffBy,
} from './kernel-parameters.js'

/** Kernel parameters about the IOMMU that contradict each other, turn it off, or pretend isolation. */
export async function commandLineFindings(host: Host): Promise<readonly Finding[]> {
  const read = await readIommuParameters(host)
  const id = 'iommu-parameters'
  if (read.line === undefined) {
    return [
      {
        id,
        status: 'skipped',
        summary: 'the host does not show its kernel command line',
        evidence: [{ path: COMMAND_LINE }],
      },
    ]
  }
  const evidence = [{ path: COMMAND_LINE, value: read.line }]
  return [{ id, evidence, ...judge(read) }, ...acsOverride(read)]
}

function judge(read: IommuParameters): Pick<Finding, 'status' | 'summary' | 'remedy'> {
  const contradictions = findContradictions(read)
  const off = switchedOffBy(read)
  if (contradictions.length > 0) {
    const summary = `the kernel command line contradicts itself, ${contradictions.join('; ')}`
    return { status: 'warn', summary, remedy: 'Leave one value of each parameter.' }
  }
  if (off !== undefined)
    return {
      status: 'warn',
      summary: `${off} turns the IOMMU off`,
      remedy: `Take ${off} out of the kernel command line.`,
    }
  const given = read.parameters.map(({ word }) => word)
  return {
    status: 'ok',
    summary: given.length === 0 ? 'no kernel parameter concerns the IOMMU' : `IOMMU parameters: ${listWords(given)}`,
  }
}

/** The same parameter both on and off, and which of them counts to the kernel. */
export function findContradictions({ parameters }: IommuParameters): readonly string[] {
  const values = new Map<string, string[]>()
  for (const { name, value } of parameters) {
    const switches = value.split(',').filter((word) => word === 'on' || word === 'off' || word === 'force')
    if (switches.length > 0) values.set(name, [...(values.get(name) ?? []), ...switches])
  }
  const contradicting = [...values].filter(([, switches]) => new Set(switches.map((word) => word === 'off')).size > 1)
  return contradicting.map(([name, switches]) => {
    const counts = isOffForGood(name) ? 'off counts' : 'the last one counts'
    return `${counts}: ${switches.map((word) => `${name}=${word}`).join(' ')}`
  })
}

function acsOverride({ line, parameters }: IommuParameters): readonly Finding[] {
  const override = parameters.find(({ name }) => name === 'pcie_acs_override')
  if (override === undefined || line === undefined) return []
  return [
    {
      id: 'acs-override',
      status: 'warn',
      summary: `pcie_acs_override=${override.value} splits IOMMU groups that the hardware does not isolate: devices in different groups may still reach each other`,
      evidence: [{ path: COMMAND_LINE, value: line }],
      remedy: 'Boot without it to see the groups as they are.',
    },
  ]
}
