import { defineModule } from '@janus/core'
import { VERSION } from '../version.js'
import { kvmChanges } from './changes.js'
import { parameterFinding, requestedFinding, usersFinding } from './findings.js'
import { cpuKvmOptions } from './options.js'
import { surveyKvm } from './survey.js'

/**
 * Loads the KVM module of the processor and sets its parameters (virt/kvm/x86/nested-vmx.rst, kernel-parameters.txt).
 * Apply throws JANUS_HOST_UNFIT for what cannot be, such as a reload while a virtual machine runs.
 */
export const cpuKvm = defineModule({
  metadata: {
    type: 'cpu',
    id: 'cpu-kvm',
    version: VERSION,
    compatApi: 1,
    summary: 'Loads KVM with its parameters: nested, ignored registers',
  },
  options: cpuKvmOptions,
  async check({ host, query, options }) {
    const survey = await surveyKvm(host, query)
    const overview = [parameterFinding(survey), usersFinding(survey)]
    return options === undefined ? overview : [...overview, await requestedFinding(survey, options)]
  },
  async apply({ host, query, options }) {
    return kvmChanges(await surveyKvm(host, query), options)
  },
})
