import { type Host, parseKernelCommandLine, readKernelCommandLine } from '@janus/core'

/** File that shows the parameters the kernel was started with. */
export const COMMAND_LINE = '/proc/cmdline'

/** One parameter that concerns the IOMMU. */
export interface IommuParameter {
  /** With `_`, which the kernel takes for the same as `-`. */
  readonly name: string
  readonly value: string
  /** As it stands on the line. */
  readonly word: string
}

/** Parameters that concern the IOMMU, in the order the kernel reads them. */
export interface IommuParameters {
  /** The whole line, for evidence; undefined where the host does not show it. */
  readonly line: string | undefined
  readonly parameters: readonly IommuParameter[]
}

const NAMES = new Set(['iommu', 'intel_iommu', 'amd_iommu', 'iommu.passthrough', 'pcie_acs_override', 'intremap'])
const SWITCHES = ['iommu', 'intel_iommu', 'amd_iommu']

/** Reads the kernel parameters that concern the IOMMU. */
export async function readIommuParameters(host: Host): Promise<IommuParameters> {
  return iommuParameters(await readKernelCommandLine(host))
}

/** The parameters of a command line that concern the IOMMU, be it the running kernel's or the next one's. */
export function iommuParameters(line: string | undefined): IommuParameters {
  const parameters = parseKernelCommandLine(line ?? '')
    .map(({ name, value = '' }) => {
      return { name: name.replaceAll('-', '_'), value, word: value === '' ? name : `${name}=${value}` }
    })
    .filter(({ name }) => NAMES.has(name))
  return { line, parameters }
}

/** The word that turned the IOMMU off, if one did. */
export function switchedOffBy(read: IommuParameters): string | undefined {
  return SWITCHES.map((name) => offWord(read, name)).find((word) => word !== undefined)
}

/**
 * True where nothing takes back an `off`: the kernel reads every word, and only ever notes that it was there
 * (`iommu_setup` of arch/x86/kernel/pci-dma.c, `parse_amd_iommu_options` of drivers/iommu/amd/init.c).
 */
export function isOffForGood(name: string): boolean {
  return name === 'iommu' || name === 'amd_iommu'
}

/**
 * The word whose `off` counts to the kernel: any, where it is for good; else the last of all members `on` and `off`, which others
 * such as `igfx_off` leave as it is (`intel_iommu_setup` of drivers/iommu/intel/iommu.c, `setup_irqremap` of drivers/iommu/irq_remapping.c).
 */
export function offWord({ parameters }: IommuParameters, name: string): string | undefined {
  const switches = parameters
    .filter((parameter) => parameter.name === name)
    .flatMap(({ value, word }) => value.split(',').map((member) => ({ isOff: member === 'off', member, word })))
    .filter(({ isOff, member }) => isOff || (member === 'on' && !isOffForGood(name)))
  const last = switches.at(-1)
  return last?.isOff === true ? last.word : undefined
}
