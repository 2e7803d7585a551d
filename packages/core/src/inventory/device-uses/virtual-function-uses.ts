import type { FoundUse, UseSurvey } from './use-survey.js'

/** Physical functions whose virtual functions are on: unbinding takes all of them away (PCI/pci-iov-howto.rst). */
export async function findVirtualFunctionUses({ devices }: UseSurvey): Promise<readonly FoundUse[]> {
  return devices.flatMap(({ address, path, virtualFunctions }): FoundUse[] => {
    const enabled = virtualFunctions?.enabled ?? 0
    if (enabled === 0) return []
    const summary = `${enabled} virtual function${enabled === 1 ? ' is' : 's are'} enabled`
    const evidence = `${path}/sriov_numvfs`
    return [{ address, use: { kind: 'virtual-functions', severity: 'blocking', summary, chain: [address], evidence } }]
  })
}
