import { defineModule } from '@janus/core'
import { holderWords } from '../holders.js'
import { VERSION } from '../version.js'
import { releaseChanges } from './changes.js'
import { releaseFindings, stoppedWords } from './findings.js'
import { gpuNvidiaReleaseOptions } from './options.js'
import { partitionFindings } from './partition-findings.js'
import { surveyCards } from './survey.js'

/**
 * Releases cards from the programs that hold the proprietary NVIDIA driver open, so that they can be unbound: an unbind
 * with an open descriptor never returns. It stops units, waits with a deadline and kills nothing. Apply throws
 * JANUS_DEVICE_NOT_FOUND.
 */
export const gpuNvidiaRelease = defineModule({
  metadata: {
    type: 'gpu',
    id: 'gpu-nvidia-release',
    version: VERSION,
    compatApi: 1,
    summary: 'Waits until no program holds the NVIDIA driver, and ends its persistence mode',
  },
  options: gpuNvidiaReleaseOptions,
  async check({ host, query, options }) {
    return releaseFindings(host, query, options)
  },
  async apply({ host, query, options, log }) {
    const survey = await surveyCards(host, query, options)
    if (survey.stopped.length > 0) log.warn(stoppedWords(survey.stopped))
    for (const words of holderWords(survey.holders.holders)) log.warn(words)
    for (const { summary } of await partitionFindings(host, survey)) log.warn(summary)
    return releaseChanges(survey, options)
  },
})
