import { type Host, parseKernelCommandLine, readKernelCommandLine } from '@janus/core'

/** File that shows the parameters the kernel was started with. */
export const COMMAND_LINE = '/proc/cmdline'

/** Parameters that concern the IOMMU, in the order the kernel reads them. */
export interface IommuParameters {
  /** The whole line, for evidence; undefined where the host does not show it. */
  readonly line: string | undefined
  readonly parameters: readonly { readonly name: string; readonly value: string }[]
}

const NAMES = new Set(['iommu', 'intel_iommu', 'amd_iommu', 'iommu.passthrough', 'pcie_acs_override', 'intremap'])

/** Reads the kernel parameters that concern the IOMMU. */
export async function readIommuParameters(host: Host): Promise<IommuParameters> {
  return iommuParameters(await readKernelCommandLine(host))
}

/** The parameters of a command line that concern the IOMMU, be it the running kernel's or the next one's. */
export function iommuParameters(line: string | undefined): IommuParameters {
  const parameters = parseKernelCommandLine(line ?? '')
    .filter(({ name }) => NAMES.has(name))
    .map(({ name, value }) => ({ name, value: value ?? '' }))
  return { line, parameters }
}

/**
 * The parameter that turned the IOMMU off, if one did. Of contradicting values of the same parameter the last one wins;
 * `iommu=off` and `amd_iommu=off` are not taken back by others.
 */
export function switchedOffBy({ parameters }: IommuParameters): string | undefined {
  const isOff = ({ name, value }: { name: string; value: string }) =>
    value.split(',').includes('off') && name !== 'intremap'
  const lastOf = (wanted: string) => parameters.findLast(({ name }) => name === wanted)
  const off = ['iommu', 'intel_iommu', 'amd_iommu']
    .map(lastOf)
    .find((parameter) => parameter !== undefined && isOff(parameter))
  return off === undefined ? undefined : `${off.name}=${off.value}`
}
