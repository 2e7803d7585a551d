import { defineModule, readPciDevices } from '@janus/core'
import { refusalError } from '../gpu-vfio/refusal.js'
import { VERSION } from '../version.js'
import { resetChanges } from './changes.js'
import { findRefusals } from './find-refusals.js'
import { findTargets, overviewFindings, targetFindings } from './findings.js'
import { gpuResetOptions } from './options.js'
import { BIND_LETS_SLEEP, isOnVfio, readResetStates } from './reset-state.js'

/**
 * Says how devices can be reset, chooses the methods, and keeps devices powered. Apply throws JANUS_DEVICE_NOT_FOUND, and
 * JANUS_DEVICE_REFUSED with every reason at once.
 */
export const gpuReset = defineModule({
  metadata: {
    type: 'gpu',
    id: 'gpu-reset',
    version: VERSION,
    compatApi: 1,
    summary: 'Says how devices can be reset, chooses the methods and keeps them awake',
    // A VFIO driver that takes a device lets it sleep; undone in reverse, the device may sleep before the driver lets go.
    after: ['gpu-sriov', 'gpu-vfio'],
  },
  options: gpuResetOptions,
  async check({ host, options }) {
    return [...(await overviewFindings(host)), ...(options === undefined ? [] : await targetFindings(host, options))]
  },
  async apply({ host, options, log }) {
    const all = await readPciDevices(host)
    const states = await readResetStates(host, all, findTargets(host, all, options), { sleep: options.keepAwake })
    const refusals = findRefusals(states, options)
    if (refusals.length > 0) throw refusalError(refusals)
    for (const state of options.keepAwake ? states.filter((candidate) => !isOnVfio(candidate)) : [])
      log.warn(`${state.device.address}: ${BIND_LETS_SLEEP}`)
    return resetChanges(states, options)
  },
})
