import { resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type ContributedCommandResult, isJanusError } from '@janus/core'
import { readNoteKeyFile } from '@janus/core/ledger'
import { errnoOf } from '@janus/core/state'
import { moveProposal } from '../approval/move-proposal.js'
import { checkpointFile, signRecordCheckpoint } from '../audit/sign-record-checkpoint.js'
import type { Actor } from '../contract/actor.js'
import { agentError } from '../errors/agent-error.js'
import type { LocalAgent } from '../local/local-agent.js'
import { recordDirectory } from '../local/open-local-record.js'
import { runDirectory } from '../local/run-directory.js'
import { localCaller } from '../open-agent.js'
import { loadSettings } from '../settings/load-settings.js'
import { filesOf } from '../settings/uses/files-of.js'
import { workspacesOf } from '../settings/uses/workspaces-of.js'
import { archivePlaces, archiveState } from '../stop/archive-state.js'
import { recordStop } from '../stop/record-stop.js'
import { stopFromOutside, wouldStop } from '../stop/stop-from-outside.js'
import type { AgentCall, AgentCommand } from './agent-command.js'
import { REASON, wantedReason } from './wanted-reason.js'

const PATIENCE = 60_000
const PAUSE = 100

/** `safe-state`. */
export const safeState: AgentCommand = {
  words: 'safe-state',
  summary: 'Puts the agent back into a safe state: everything is stopped and put aside, nothing deleted.',
  details: [
    'Record, queue and workspaces are put aside, what waits is suspended; it is left in alpha, ready to be started.',
  ],
  positionals: [],
  options: {
    ...REASON,
    key: { type: 'string', value: '<file>', summary: 'signs a checkpoint with the key that `audit key` made' },
    'dry-run': { type: 'boolean', summary: 'print what would be done, change nothing' },
    yes: { type: 'boolean', summary: 'ask nothing' },
  },
  example: "safe-state --reason 'It did what nobody expected'",
  async run(call) {
    const { settings } = await loadSettings(call.config)
    const stamp = new Date().toISOString().replaceAll(':', '')
    const where = {
      stateDirectory: call.stateDirectory,
      recordDirectory: recordDirectory(call.stateDirectory),
      approvalQueue: filesOf(settings).views.approvalQueue,
      workspaces: workspacesOf(settings).root,
      stamp,
    }
    if (call.flag('dry-run')) return dryRun(call, where)
    const reason = wantedReason(call)
    await call.context.confirm({
      question: 'Stop everything, put its state aside and go back to alpha?',
      yes: call.flag('yes'),
    })
    const signer = await signerOf(call)
    await stopOrRefuse(call, reason)
    const agent = await whenFree(call)
    const caller = await localCaller()
    const { record } = agent
    if (record.state.stopped === undefined)
      await recordStop(record, { kind: 'command', summary: reason, by: caller.actor }, { ended: 0, left: 0 })
    const suspended = await suspendWaiting(agent, caller.actor, reason)
    const archive = await archiveState({ ...where, record })
    const checkpoint =
      signer === undefined
        ? undefined
        : await signRecordCheckpoint(record, { signer, path: checkpointFile(call.stateDirectory) })
    await agent.as(caller).resume({ reason })
    return {
      data: { ...archive, suspended, checkpoint: checkpoint ?? null },
      text: [
        `archived    ${archive.directory}`,
        ...(archive.workspaces === undefined ? [] : [`workspaces  ${archive.workspaces}`]),
        `record      ${archive.head.seq} events, ${archive.head.hash}`,
        checkpoint === undefined ? 'checkpoint  not signed: give --key' : `checkpoint  of ${checkpoint.size} events`,
        `suspended   ${suspended.length} proposals that waited`,
        'Nothing was deleted; the mode is alpha. Start the daemon: `janus agent run`.',
      ].join('\n'),
    }
  },
}

async function signerOf(call: AgentCall) {
  const key = call.text('key')
  return key === undefined ? undefined : readNoteKeyFile(resolve(key))
}

async function stopOrRefuse({ stateDirectory }: AgentCall, reason: string): Promise<void> {
  try {
    await stopFromOutside({ stateDirectory, runDirectory: runDirectory(stateDirectory) }, reason)
  } catch (error) {
    const errno = errnoOf(error)
    // Nothing was ever there: it is created when it is opened.
    if (errno === 'ENOENT') return
    if (errno !== 'EACCES' && errno !== 'EPERM') throw error
    throw agentError('JANUS_AGENT_IDENTITY_REFUSED', 'only root and the owner of the state directory may do this', {
      cause: error,
    })
  }
}

/** The daemon ends by itself when it was stopped; one that hangs has to be ended by a person. */
async function whenFree(call: AgentCall): Promise<LocalAgent> {
  const until = performance.now() + PATIENCE
  for (;;) {
    try {
      return await call.local()
    } catch (error) {
      if (!isJanusError(error) || error.code !== 'JANUS_STATE_LOCKED') throw error
      if (performance.now() >= until) {
        throw agentError('JANUS_AGENT_BUSY', `everything is stopped, and the record stays open: ${error.message}`, {
          remedy: 'End that process, then say this again.',
          cause: error,
        })
      }
      await delay(PAUSE, undefined, { signal: call.context.signal })
    }
  }
}

async function suspendWaiting({ record }: LocalAgent, by: Actor, reason: string): Promise<readonly string[]> {
  const waiting = [...record.state.open.values()].filter(({ status }) => status === 'proposed')
  const ids = waiting.map(({ proposal }) => proposal.id)
  for (const proposal of ids)
    await moveProposal(record, { proposal, to: 'suspended', by, reason: { text: `safe state: ${reason}` } })
  return ids
}

async function dryRun(call: AgentCall, where: Parameters<typeof archivePlaces>[0]): Promise<ContributedCommandResult> {
  const { daemon, processes } = wouldStop(runDirectory(call.stateDirectory))
  const rows = await (await call.reader()).list({ statuses: ['proposed', 'approved', 'executing'], limit: 1000 })
  const places = archivePlaces(where)
  const text = [
    daemon === undefined ? 'no daemon runs' : `process ${daemon.pid} is the daemon: it would be stopped`,
    `${processes.length} processes would be ended`,
    ...rows.map(({ id, status }) => `${id} is ${status}: it would be suspended`),
    `${where.recordDirectory} and ${where.approvalQueue} would be copied to ${places.directory}`,
    `${where.workspaces} would be called ${places.workspaces}`,
    'The mode would be alpha. Nothing was changed.',
  ].join('\n')
  return { data: { daemon: daemon ?? null, processes, proposals: rows.map(({ id }) => id), ...places }, text }
}
