import { formatCpuList } from '@janus/core'
import type { PinningProposal } from './pinning.js'
import { count, cpuWords } from './words.js'

/** A proposal in one line. */
export function describePinning({ vcpus, guest, memory }: PinningProposal): string {
  const cpus = cpuWords(formatCpuList(vcpus.map(({ cpu }) => cpu)))
  const shape = `${count(guest.cores, 'core')} of ${count(guest.threads, 'thread')}`
  const nodes =
    memory.nodes.length === 0
      ? ''
      : `, memory of ${memory.nodes.length === 1 ? 'node' : 'nodes'} ${memory.nodes.join(', ')}`
  return `${count(vcpus.length, 'vCPU')} on ${cpus} (${shape})${nodes}`
}
