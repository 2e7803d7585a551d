import { type Finding, type Host, isJanusError, lastParameter } from '@janus/core'
import { type ConfiguredCommandLine, type ConfiguredLine, readConfiguredCommandLine } from '@janus/core/boot'
import { findContradictions } from '../gpu-iommu/command-line-findings.js'
import {
  COMMAND_LINE,
  iommuParameters,
  offWord,
  readIommuParameters,
  switchedOffBy,
} from '../gpu-iommu/kernel-parameters.js'
import { listWords } from '../list-words.js'

const NAMES = ['intel_iommu', 'amd_iommu', 'iommu', 'pcie_acs_override', 'intremap'] as const
const MOST_LINES = 8

/**
 * What the boot loader is set to give the kernel about the IOMMU, beside what the running kernel was given. What the
 * running kernel was given alone is judged by gpu-iommu.
 */
export async function nextBootFindings(host: Host): Promise<readonly Finding[]> {
  const id = 'iommu-next-boot'
  let configured: ConfiguredCommandLine
  try {
    configured = await readConfiguredCommandLine(host)
  } catch (error) {
    if (!isJanusError(error)) throw error
    return [{ id, status: 'skipped', summary: error.message, remedy: error.remedy }]
  }
  const { line } = await readIommuParameters(host)
  const { loader, lines } = configured
  const evidence = [
    ...loader.evidence,
    ...lines.slice(0, MOST_LINES).map(({ source, text }) => ({ path: pathOf(source), value: text })),
    { path: COMMAND_LINE, ...(line === undefined ? {} : { value: line }) },
  ]
  return [{ id, ...compare(configured, line), evidence }, ...problems(lines)]
}

function compare(
  { loader, lines }: ConfiguredCommandLine,
  running: string | undefined,
): Pick<Finding, 'status' | 'summary' | 'remedy'> {
  const [first] = lines
  const wanted = words(first?.text ?? '')
  const differing = lines.find(({ text }) => words(text).join(' ') !== wanted.join(' '))
  if (first !== undefined && differing !== undefined) {
    const summary = `entries differ: ${first.source} has ${said(wanted)}, ${differing.source} has ${said(words(differing.text))}`
    return { status: 'warn', summary, remedy: 'Give all entries of this system the same parameters.' }
  }
  const configured = `${loader.name} is set to ${said(wanted)}`
  if (running === undefined)
    return { status: 'ok', summary: `${configured}; the running kernel does not show what it got` }
  const present = words(running)
  if (present.join(' ') === wanted.join(' '))
    return { status: 'ok', summary: `${configured}, as the running kernel was` }
  return { status: 'ok', summary: `${configured}; pending a boot, the running kernel has ${said(present)}` }
}

/** The words about the IOMMU, all of a name: their members add up. */
function words(line: string): readonly string[] {
  const { parameters } = iommuParameters(line)
  return NAMES.flatMap((name) => parameters.filter((one) => one.name === name).map(({ word }) => word))
}

function said(found: readonly string[]): string {
  return found.length === 0 ? 'no parameter about the IOMMU' : listWords(found)
}

/** What is set for the next boot and should not be. */
function problems(lines: readonly ConfiguredLine[]): readonly Finding[] {
  const found = new Map<string, Finding>()
  for (const { source, text } of lines) {
    const read = iommuParameters(text)
    const evidence = [{ path: pathOf(source), value: text }]
    const add = (id: string, summary: string, remedy: string): void => {
      if (!found.has(id)) found.set(id, { id, status: 'warn', summary, remedy, evidence })
    }
    const twice = findContradictions(read)
    if (twice.length > 0) {
      const remedy = 'Leave one of each: -o removeDuplicates=true does.'
      add('iommu-next-boot-duplicates', twice.join('; '), remedy)
    }
    const off = switchedOffBy(read)
    if (off !== undefined)
      add(
        'iommu-next-boot-off',
        `${off} turns the IOMMU off at the next boot`,
        'janus plan gpu-iommu-enable takes it away.',
      )
    const override = lastParameter(read.parameters, 'pcie_acs_override')
    if (override !== undefined) {
      const summary = `pcie_acs_override=${override}: groups will not mean isolation, devices of different groups may reach each other`
      add('iommu-next-boot-acs-override', summary, 'Take it out, to see the groups as they are.')
    }
    if (offWord(read, 'intremap') !== undefined) {
      const summary = 'intremap=off: without remapped interrupts VFIO refuses to give a device to a guest'
      add('iommu-next-boot-interrupts', summary, 'Take intremap=off out of the kernel command line.')
    }
  }
  return [...found.values()]
}

function pathOf(source: string): string {
  return source.replace(/ \(.*$/, '')
}
