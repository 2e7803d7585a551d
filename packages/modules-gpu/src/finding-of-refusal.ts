import type { Finding } from '@janus/core'
import { type Refusal, remedyWords } from './gpu-vfio/refusal.js'

/** A refusal as a finding. @param index tells two refusals of one reason apart */
export function findingOfRefusal(refusal: Refusal, index: number): Finding {
  const { reason, device, summary, evidence } = refusal
  const id = `refused-${device.replaceAll(/[:.]/g, '-')}-${reason}-${index + 1}`
  return { id, status: 'critical', summary, evidence, remedy: remedyWords(refusal) }
}
