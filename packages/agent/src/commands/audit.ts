import { access } from 'node:fs/promises'
import { resolve } from 'node:path'
import { janusError } from '@janus/core'
import { createNoteKeyFile, type NoteSigner, readNoteKeyFile } from '@janus/core/ledger'
import { errnoOf } from '@janus/core/state'
import { auditReport } from '../audit/audit-report.js'
import { auditText, verificationText } from '../audit/audit-text.js'
import { checkpointFile, signRecordCheckpoint } from '../audit/sign-record-checkpoint.js'
import { verifyRecordFiles } from '../audit/verify-record-files.js'
import { agentError } from '../errors/agent-error.js'
import { recordDirectory } from '../local/open-local-record.js'
import { visibleName } from '../review/visible-text.js'
import type { AgentCall, AgentCommand } from './agent-command.js'

const RECORD = {
  record: {
    type: 'string',
    value: '<directory>',
    summary: 'the files of the record, a copy of them will do (those of this agent)',
  },
} as const satisfies AgentCommand['options']

/** `audit verify`. */
export const auditVerify: AgentCommand = {
  words: 'audit verify',
  summary: 'Verifies the files of the record from their first byte, offline.',
  details: ['Only checkpoints that keys you trust have signed count.', 'Exit code 1 when something is wrong.'],
  positionals: [],
  options: {
    ...RECORD,
    checkpoints: {
      type: 'string',
      multiple: true,
      value: '<file>',
      summary: 'signed checkpoints; may be repeated (those beside the record)',
    },
    'public-key': {
      type: 'string',
      multiple: true,
      value: '<key>',
      summary: 'a key that is trusted, as `audit key` printed it; may be repeated',
    },
  },
  example: "audit verify --public-key 'balaur+1a2b3c4d+AbCd…'",
  async run(call) {
    const found = await verifyRecordFiles({
      directory: recordOf(call),
      checkpoints: await checkpointsOf(call),
      publicKeys: call.texts('public-key'),
    })
    return { data: found, text: verificationText(found), exitCode: found.intact ? 0 : 1 }
  },
}

/** `audit report`. */
export const auditReportCommand: AgentCommand = {
  words: 'audit report',
  summary: 'What happened, from the files alone.',
  details: ['Decisions by whom and how fast, refusals, violations, executions, the evidence for the mode.'],
  positionals: [],
  options: {
    ...RECORD,
    since: { type: 'string', value: '<time>', summary: 'ISO 8601; only what happened since (everything)' },
  },
  example: 'audit report --since 2026-11-01',
  async run(call) {
    const since = sinceOf(call.text('since'))
    const report = await auditReport({ directory: recordOf(call), ...(since === undefined ? {} : { since }) })
    return { data: report, text: auditText(report) }
  },
}

/** `audit key`. */
export const auditKey: AgentCommand = {
  words: 'audit key',
  summary: 'Makes the key that checkpoints of this record are signed with.',
  details: ['It lies in a new file that only you can read; its public half is printed.'],
  positionals: ['file'],
  options: { name: { type: 'string', value: '<name>', summary: 'what the checkpoints say they are of (the vessel)' } },
  example: 'audit key /etc/janus/checkpoint.key',
  async run(call) {
    const file = resolve(call.positional('file'))
    const name = call.text('name') ?? (await (await call.reader()).status()).vesselId
    const { publicKey } = await createNoteKeyFile(file, name)
    return {
      data: { file, publicKey },
      text: [
        `key in ${file}`,
        `public half ${publicKey}`,
        'Keep the public half where nobody who can write the record can.',
      ].join('\n'),
    }
  },
}

/** `audit checkpoint`. */
export const auditCheckpoint: AgentCommand = {
  words: 'audit checkpoint',
  summary: 'Signs what the record is now: a cut or another record in its place is told from it later.',
  positionals: [],
  options: {
    key: { type: 'string', value: '<file>', summary: 'the key that `audit key` made' },
    second: { type: 'string', value: '<file>', summary: 'another file for the same note, best on another machine' },
  },
  example: 'audit checkpoint --key /etc/janus/checkpoint.key',
  async run(call) {
    const key = call.text('key')
    if (key === undefined) throw janusError('JANUS_USAGE', '--key is missing: who signs it')
    const signer = await signerIn(resolve(key))
    const second = call.text('second')
    const { record } = await call.local()
    const signed = await signRecordCheckpoint(record, {
      signer,
      path: checkpointFile(call.stateDirectory),
      ...(second === undefined ? {} : { secondPath: resolve(second) }),
    })
    return { data: signed, text: `${signed.size} events are signed by ${visibleName(signer.name)}` }
  },
}

async function signerIn(path: string): Promise<NoteSigner> {
  return readNoteKeyFile(path).catch((cause: unknown) => {
    if (errnoOf(cause) !== 'ENOENT') throw cause
    const remedy = 'Make one with `janus agent audit key`.'
    throw agentError('JANUS_AGENT_KEY_INVALID', `${path} is not there`, { remedy, data: { path }, cause })
  })
}

function recordOf(call: AgentCall): string {
  const given = call.text('record')
  return given === undefined ? recordDirectory(call.stateDirectory) : resolve(given)
}

/**
 * Those that were named, else those beside the record. Whoever gives a key wants to know of a file of checkpoints that was removed, so it is missed then.
 * @throws JANUS_USAGE for a copy and a key, and nothing that the key could have signed
 */
async function checkpointsOf(call: AgentCall): Promise<readonly string[]> {
  const given = call.texts('checkpoints')
  if (given.length > 0) return Promise.all(given.map((file) => present(resolve(file))))
  const keyed = call.texts('public-key').length > 0
  if (call.text('record') !== undefined) {
    if (!keyed) return []
    throw janusError('JANUS_USAGE', '--checkpoints is missing: what has the key signed of this copy')
  }
  const beside = checkpointFile(call.stateDirectory)
  if (keyed) return [beside]
  return access(beside).then(
    () => [beside],
    () => [],
  )
}

/** @throws JANUS_USAGE: a file that was named and is not there would confirm nothing, and say so only among much else */
async function present(file: string): Promise<string> {
  await access(file).catch((cause: unknown) => {
    throw janusError('JANUS_USAGE', `--checkpoints ${JSON.stringify(file)} cannot be read`, { cause })
  })
  return file
}

function sinceOf(text: string | undefined): Date | undefined {
  if (text === undefined) return undefined
  const since = new Date(text)
  if (Number.isNaN(since.getTime())) throw janusError('JANUS_USAGE', `--since ${JSON.stringify(text)} is no time`)
  return since
}
