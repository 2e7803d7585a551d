import { type Evidence, type Finding, type Host, isJanusError, type Query } from '@janus/core'
import { boundedEvidence, boundedLines } from '../bounded.js'
import { deviceWords } from '../device-words.js'
import { holderWords } from '../holders.js'
import { listWords } from '../list-words.js'
import type { GpuNvidiaReleaseOptions } from './options.js'
import { partitionFindings } from './partition-findings.js'
import { type Survey, surveyCards } from './survey.js'

/** Who holds the cards of the proprietary driver, and what else lives on them. */
export async function releaseFindings(
  host: Host,
  query: Query,
  options: GpuNvidiaReleaseOptions | undefined,
): Promise<readonly Finding[]> {
  try {
    const survey = await surveyCards(host, query, options ?? { stopUnits: [] })
    return [...cardFindings(survey), ...unitFindings(survey), ...(await partitionFindings(host, survey))]
  } catch (error) {
    if (!isJanusError(error)) throw error
    return [{ id: 'cards', status: 'critical', summary: error.message, remedy: error.remedy }]
  }
}

function cardFindings(survey: Survey): readonly Finding[] {
  const { held, free, version } = survey
  const id = 'cards'
  if (held.length === 0 && free.length > 0) {
    const summary = `${listWords(free.map(deviceWords))}: not on the nvidia driver`
    return [{ id, status: 'ok', summary, evidence: free.map(({ path, driver }) => driverEvidence(path, driver)) }]
  }
  if (held.length === 0) {
    const summary = 'no device is on the proprietary NVIDIA driver'
    return [{ id, status: 'skipped', summary, evidence: [{ path: '/proc/driver/nvidia/gpus' }] }]
  }
  const named = version === undefined ? 'the nvidia driver' : `the nvidia driver ${version}`
  const cards: Finding = {
    id,
    status: 'ok',
    summary: `${listWords(held.map(deviceWords))} ${held.length === 1 ? 'is' : 'are'} on ${named}`,
    evidence: boundedEvidence(held.map(({ path, driver }) => driverEvidence(path, driver))),
  }
  return [cards, holderFinding(survey)]
}

/** Stopped already, or misspelt: only its owner can tell. */
function unitFindings({ stopped }: Survey): readonly Finding[] {
  if (stopped.length === 0) return []
  return [{ id: 'units', status: 'ok', summary: stoppedWords(stopped), evidence: [{ path: '/sys/fs/cgroup' }] }]
}

/** Units that were named and do not run, as a sentence. */
export function stoppedWords(stopped: readonly string[]): string {
  return `${listWords(stopped)} ${stopped.length === 1 ? 'is' : 'are'} not found running: no control group of systemd has this name`
}

function driverEvidence(path: string, driver: string | undefined): Evidence {
  return { path: `${path}/driver`, ...(driver === undefined ? {} : { value: driver }) }
}

function holderFinding({ holders: { holders, gap }, units, numbers }: Survey): Finding {
  const id = 'holders'
  const detail = `looked for the device numbers ${listWords(numbers)}`
  const pids = [...new Set(holders.map(({ pid }) => pid))]
  const evidence = boundedEvidence(pids.map((pid) => ({ path: `/proc/${pid}/fd` })))
  if (holders.length > 0) {
    const words = holderWords(holders)
    const summary = `held open: ${listWords(words)}`
    const remedy =
      'End these programs, or name their units in stopUnits. Unbinding a card that is held open waits for them for ever.'
    return { id, status: 'warn', summary, detail: boundedLines([...words, detail]), evidence, remedy }
  }
  if (units.length > 0) {
    const summary = `${listWords(units.map(({ name }) => name))} ${units.length === 1 ? 'runs' : 'run'} and will be stopped`
    return {
      id,
      status: 'warn',
      summary,
      detail,
      evidence: units.map(({ cgroup }) => ({ path: cgroup })),
      remedy: 'Apply this module.',
    }
  }
  if (gap !== undefined) {
    const summary = `who holds the cards open is not fully known: ${gap}`
    return { id, status: 'skipped', summary, detail }
  }
  return { id, status: 'ok', summary: 'no process holds the cards open', detail }
}
