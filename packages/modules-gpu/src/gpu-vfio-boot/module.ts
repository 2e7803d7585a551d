import { defineModule, type Finding, type Host, isJanusError, type Query } from '@janus/core'
import { readInitramfsTool } from '@janus/core/boot'
import { addressInId } from '../device-words.js'
import { gpuVfioOptions } from '../gpu-vfio/options.js'
import { type Refusal, refusalError, remedyWords } from '../gpu-vfio/refusal.js'
import { type Survey, surveyHost } from '../gpu-vfio/survey.js'
import { type Selection, selectTargets } from '../gpu-vfio/targets.js'
import { VERSION } from '../version.js'
import { bindingFindings } from './binding-findings.js'
import { bootChanges } from './boot-changes.js'
import { initramfsPlan, planBoot } from './boot-plan.js'
import { findHiddenUses, hiddenUseFindings } from './hidden-uses.js'
import { imageFindings } from './image-findings.js'
import { type InstalledBindings, readInstalledBindings } from './installed-bindings.js'
import { type GpuVfioBootOptions, gpuVfioBootOptions } from './options.js'
import { findRefusalsAtBoot } from './refusals-at-boot.js'
import { supersededFindings } from './superseded-bindings.js'

/**
 * Has PCI devices come up on a VFIO driver after every boot, before a driver of the host ever had them: by address, and only
 * while the device at the address is the one it was. Touches nothing of the running binding.
 * Apply throws JANUS_DEVICE_NOT_FOUND, JANUS_DEVICE_REFUSED with every reason at once, and JANUS_HOST_UNFIT.
 */
export const gpuVfioBoot = defineModule({
  metadata: {
    type: 'gpu',
    id: 'gpu-vfio-boot',
    version: VERSION,
    compatApi: 1,
    summary: 'Has PCI devices come up on vfio-pci after a boot, by address and identity',
  },
  options: gpuVfioBootOptions,
  async check({ host, query, options }) {
    const survey = await surveyHost(host, query)
    const installed = await readInstalledBindings(host)
    const bindings = await bindingFindings(survey, installed)
    if (options !== undefined)
      return [...bindings, ...(await wantedFindings(survey, query, options, installed, bindings))]
    if (installed.length > 0) return [...bindings, ...(await installedFindings(host, query, installed))]
    return [{ id: 'boot-bindings', status: 'ok', summary: 'no device is bound to VFIO at boot by Janus' }]
  },
  async apply({ host, query, options, log }) {
    const survey = await surveyHost(host, query)
    const selection = await select(survey, options)
    const refusals = await findRefusalsAtBoot(survey, selection)
    if (refusals.length > 0) throw refusalError(refusals)
    const hidden = await findHiddenUses(host, selection, await readInstalledBindings(host))
    for (const { summary, device } of hidden) log.warn(summary, { device })
    return bootChanges(host, query, await planBoot(survey, selection.targets, options), options)
  },
})

/** Whether files and images still are what the files themselves say: all that can be known without options. */
async function installedFindings(
  host: Host,
  query: Query,
  installed: readonly InstalledBindings[],
): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  for (const { path, tool: name, bindings } of installed) {
    if (name === undefined) continue
    try {
      const tool = await readInitramfsTool(host, name)
      if (tool !== undefined)
        findings.push(...(await imageFindings(host, query, initramfsPlan(tool, bindings), { allKernels: true })))
    } catch (error) {
      if (!isJanusError(error)) throw error
      findings.push({ id: 'initramfs', status: 'warn', summary: `${path}: ${error.message}`, remedy: error.remedy })
    }
  }
  return findings
}

function select(survey: Survey, { devices, includeSiblings, allowUse, identities, driver }: GpuVfioBootOptions) {
  const options = { devices, includeSiblings, allowUse, identities, ...(driver === undefined ? {} : { driver }) }
  return selectTargets(survey, gpuVfioOptions.parse(options))
}

async function wantedFindings(
  survey: Survey,
  query: Query,
  options: GpuVfioBootOptions,
  installed: readonly InstalledBindings[],
  bindings: readonly Finding[],
): Promise<readonly Finding[]> {
  try {
    const selection = await select(survey, options)
    const hidden = hiddenUseFindings(await findHiddenUses(survey.host, selection, installed))
    const refused = refusedFindings(selection, await findRefusalsAtBoot(survey, selection))
    // A plan for the device that is there now would call it the wanted one.
    const drifted = bindings.some(({ status }) => status === 'critical')
    if (drifted || refused.length > 0) return [...refused, ...hidden]
    const plan = await planBoot(survey, selection.targets, options)
    const found = await imageFindings(survey.host, query, plan, options)
    return [...hidden, ...found, ...(await supersededFindings(survey.host, plan))]
  } catch (error) {
    if (!isJanusError(error)) throw error
    return [{ id: 'targets', status: 'critical', summary: error.message, remedy: error.remedy }]
  }
}

function refusedFindings({ targets }: Selection, refusals: readonly Refusal[]): readonly Finding[] {
  return targets.flatMap(({ device }) =>
    refusals
      .filter((refusal) => refusal.device === device.address)
      .map((refusal, index) => ({
        id: `refused-${addressInId(device)}-${refusal.reason}-${index + 1}`,
        status: 'critical' as const,
        summary: refusal.summary,
        evidence: refusal.evidence,
        remedy: remedyWords(refusal),
      })),
  )
}
