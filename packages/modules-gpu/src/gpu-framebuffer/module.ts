import { defineModule } from '@janus/core'
import { refusalError } from '../gpu-vfio/refusal.js'
import { VERSION } from '../version.js'
import { releaseChanges } from './changes.js'
import { readDisplay, requireDisplay } from './display.js'
import { findRefusals } from './find-refusals.js'
import { overviewFinding, targetFindings } from './findings.js'
import { gpuFramebufferOptions } from './options.js'

/**
 * Says what of the console holds the display of the host, and takes it away: display manager, virtual consoles, the
 * framebuffer of the firmware. Apply throws JANUS_DEVICE_NOT_FOUND, and JANUS_DEVICE_REFUSED while programs hold it open.
 */
export const gpuFramebuffer = defineModule({
  metadata: {
    type: 'gpu',
    id: 'gpu-framebuffer',
    version: VERSION,
    compatApi: 1,
    summary: 'Takes the console of the host from its display',
  },
  options: gpuFramebufferOptions,
  async check({ host, query, options }) {
    const targets = options === undefined ? [] : await targetFindings(host, query, options)
    return [await overviewFinding(host, query), ...targets]
  },
  async apply({ host, query, options }) {
    const display = await readDisplay(host, query, await requireDisplay(host, options.device))
    const refusals = findRefusals(display, options)
    if (refusals.length > 0) throw refusalError(refusals)
    return releaseChanges(display, options)
  },
})
