import { isJanusError } from '@janus/core'
import { errnoOf } from '@janus/core/state'
import type { StopReport } from '../contract/stop.js'
import { runDirectory } from '../local/run-directory.js'
import { visibleLine } from '../review/visible-text.js'
import { type StopFromOutside, stopFromOutside, wouldStop } from '../stop/stop-from-outside.js'
import type { AgentCall, AgentCommand } from './agent-command.js'
import { wantedReason } from './wanted-reason.js'

/** Codes that say that somebody holds the record and does not answer. */
const NO_ANSWER: ReadonlySet<string> = new Set(['JANUS_AGENT_UNREACHABLE', 'JANUS_AGENT_BUSY'])

/** `stop`. */
export const stop: AgentCommand = {
  words: 'stop',
  summary: 'Stops everything at once, until `resume`.',
  details: ['Nothing is started any more, every run is ended, what was approved or running is suspended.'],
  positionals: [],
  options: {
    reason: { type: 'string', value: '<text>', summary: 'why; it stands on the record (stopped by hand)' },
    'dry-run': { type: 'boolean', summary: 'print what would be ended and suspended, change nothing' },
  },
  example: "stop --reason 'It fills the disk'",
  async run(call) {
    if (call.flag('dry-run')) return dryRun(call)
    const reason = call.text('reason') === undefined ? 'stopped by hand' : wantedReason(call)
    const outside = await attemptOutside(call, reason)
    try {
      const report = await (await call.agent()).stop({ reason })
      const all = { ...report, ended: Math.max(report.ended, outside?.ended ?? 0) }
      return { data: all, text: reportLines(all).join('\n'), exitCode: report.left.length === 0 ? 0 : 1 }
    } catch (error) {
      if (outside === undefined || !isJanusError(error) || !NO_ANSWER.has(error.code)) throw error
      return { data: outside, text: outsideLines(outside).join('\n'), exitCode: outside.left.length === 0 ? 0 : 1 }
    }
  },
}

/** `emergency-stop`: what the documents call it. */
export const emergencyStop: AgentCommand = {
  ...stop,
  words: 'emergency-stop',
  summary: 'What the documents call `stop`.',
  example: 'emergency-stop --dry-run',
}

/** `resume`. */
export const resume: AgentCommand = {
  words: 'resume',
  summary: 'Lifts a stop, back in alpha.',
  details: ['What was suspended stays so until it is resubmitted or cancelled.'],
  positionals: [],
  options: {
    reason: { type: 'string', value: '<text>', summary: 'why; it stands on the record' },
  },
  example: "resume --reason 'The disk was full; it is not any more'",
  async run(call) {
    const reason = wantedReason(call)
    const answer = await (await call.agent()).resume({ reason })
    return { data: answer, text: 'The stop is lifted; the mode is alpha. Start the daemon: `janus agent run`.' }
  },
}

/** Whoever may not create the file asks the daemon instead. */
async function attemptOutside({ stateDirectory }: AgentCall, reason: string): Promise<StopFromOutside | undefined> {
  try {
    return await stopFromOutside({ stateDirectory, runDirectory: runDirectory(stateDirectory) }, reason)
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === undefined) throw error
    return undefined
  }
}

async function dryRun(call: AgentCall) {
  const { daemon, supervisor, processes } = wouldStop(runDirectory(call.stateDirectory))
  const agent = await call.reader()
  const rows = await agent.list({ statuses: ['approved', 'executing'], limit: 1000 })
  const data = {
    daemon: daemon ?? null,
    supervisor: supervisor ?? null,
    processes,
    proposals: rows.map(({ id }) => id),
  }
  const lines = [
    daemon === undefined ? 'no daemon runs' : `process ${daemon.pid} is the daemon: it would end its runs and itself`,
    supervisor === undefined ? 'no supervisor runs' : `process ${supervisor.pid} is its supervisor`,
    `${processes.length} processes would be ended`,
    ...rows.map(({ id, status }) => `${id} is ${status}: it would be suspended`),
    'Nothing was changed.',
  ]
  return { data, text: lines.join('\n') }
}

function reportLines({ cause, ended, left, suspended, executing, file, problems }: StopReport): readonly string[] {
  return [
    `stopped     ${visibleLine(cause.summary)}`,
    `ended       ${ended} processes`,
    ...left.map(({ pid }) => `NOT ENDED   process ${pid}: the kernel holds it`),
    ...suspended.map((id) => `suspended   ${id}${executing.includes(id) ? ', which was running' : ''}`),
    ...(file === undefined ? [] : [`stands      ${visibleLine(file)}; lift it: janus agent resume --reason <text>`]),
    ...problems.map((problem) => `NOT DONE    ${visibleLine(problem)}`),
  ]
}

function outsideLines({ ended, left, file }: StopFromOutside): readonly string[] {
  return [
    `ended       ${ended} processes`,
    ...left.map(({ pid }) => `NOT ENDED   process ${pid}: the kernel holds it`),
    `stands      ${visibleLine(file)}`,
    'The daemon does not answer: it records the stop when it can, or at its next start.',
  ]
}
