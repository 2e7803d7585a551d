import { resolve } from 'node:path'
import { janusError } from '@janus/core'
import type { EnrolledKey, KeyRole } from '../contract/actor.js'
import type { ChangeAnswer } from '../contract/agent.js'
import { generateKey, readPublicHalf } from '../identity/private-key-file.js'
import { quoteWord } from '../review/quote-word.js'
import { visibleName } from '../review/visible-text.js'
import type { AgentCall, AgentCommand } from './agent-command.js'
import { passphraseOf } from './passphrase.js'
import { columns } from './render/columns.js'
import { REASON, wantedReason } from './wanted-reason.js'
import { wholeNumber } from './whole-number.js'

const ROLES = ['approver', 'recommender', 'first-citizen', 'checkpoint'] as const satisfies readonly KeyRole[]

/** The last number is nobody's, see setuid(2). */
const MOST_UID = 4_294_967_294

/** `keys generate`. */
export const keysGenerate: AgentCommand = {
  words: 'keys generate',
  summary: 'Makes an Ed25519 key in a new file that only you can read.',
  details: ['The agent learns nothing of it.'],
  positionals: ['file'],
  options: {
    'passphrase-fd': {
      type: 'string',
      value: '<n>',
      summary: 'encrypt it with the passphrase read from this descriptor',
    },
  },
  example: 'keys generate ~/.config/janus/approver.key',
  async run(call) {
    const file = resolve(call.positional('file'))
    const key = await generateKey(file, await passphraseOf(call))
    const next = `${call.program} keys enrol ${quoteWord(file)} --name <name> --role approver --reason <why>`
    return {
      data: { file, ...key },
      text: [`key ${key.keyId} in ${file}`, `public half ${key.publicKey}`, `To enrol it: ${next}`].join('\n'),
    }
  },
}

/** `keys list`. */
export const keysList: AgentCommand = {
  words: 'keys list',
  summary: 'The keys that are enrolled, and what their holders may sign for.',
  positionals: [],
  options: {},
  example: 'keys list',
  async run(call) {
    const keys = await (await call.reader()).listKeys()
    const rows = keys.map(({ keyId, name, roles, uid }) => [
      keyId,
      visibleName(name),
      `${uid ?? '-'}`,
      roles.join(', '),
    ])
    return {
      data: { keys },
      text: keys.length === 0 ? 'no keys' : columns([['KEY', 'NAME', 'UID', 'ROLES'], ...rows]).join('\n'),
    }
  },
}

/** `keys enrol`. */
export const keysEnrol: AgentCommand = {
  words: 'keys enrol',
  summary: 'Enrols the public half of a key: the first one at once, every other as a proposal of high risk.',
  positionals: ['file'],
  options: {
    name: { type: 'string', value: '<name>', summary: 'of its holder' },
    uid: {
      type: 'string',
      value: '<n>',
      summary: 'number of the local user who holds it: what that user proposed, the key does not approve',
    },
    role: {
      type: 'string',
      multiple: true,
      value: '<role>',
      values: ROLES,
      summary: `one of ${ROLES.join(', ')}; may be repeated`,
    },
    ...REASON,
  },
  example: "keys enrol ./ada.key --name Ada --uid 1000 --role approver --reason 'Ada reviews from today on'",
  async run(call) {
    const { keyId, publicKey } = await readPublicHalf(resolve(call.positional('file')))
    const uid = call.text('uid')
    const holder = uid === undefined ? {} : { uid: wholeNumber('uid', uid, 0, MOST_UID) }
    const key: EnrolledKey = { keyId, publicKey, name: wantedName(call), roles: wantedRoles(call), ...holder }
    const answer = await (await call.agent()).enrolKey({ key, rationale: wantedReason(call) })
    return { data: { key, ...answer }, text: changed(call, answer, `key ${keyId} is enrolled`) }
  },
}

/** `keys revoke`. */
export const keysRevoke: AgentCommand = {
  words: 'keys revoke',
  summary: 'Revokes a key: what it approved and has not run goes stale.',
  details: ['At once, but for the last key and that of a recommender.'],
  positionals: ['key'],
  options: REASON,
  example: "keys revoke 0123456789abcdef --reason 'The laptop was lost'",
  async run(call) {
    const keyId = call.positional('key')
    const answer = await (await call.agent()).revokeKey({ keyId, reason: wantedReason(call) })
    return { data: answer, text: changed(call, answer, `key ${visibleName(keyId)} is revoked`) }
  },
}

function changed({ program }: AgentCall, answer: ChangeAnswer, done: string): string {
  if (answer.effect === 'immediate') return done
  const { id } = answer.record.proposal
  return `This is a change of the rules, proposed as ${id}. Review it: ${program} review ${id}`
}

function wantedName(call: AgentCall): string {
  const name = call.text('name')
  if (name === undefined) throw janusError('JANUS_USAGE', '--name is missing: whose key is it')
  return name
}

function wantedRoles(call: AgentCall): readonly KeyRole[] {
  const roles = call.texts('role')
  const unknown = roles.find((role) => !(ROLES as readonly string[]).includes(role))
  if (roles.length === 0 || unknown !== undefined) {
    const problem = unknown === undefined ? '--role is missing' : `--role ${JSON.stringify(unknown)} is no role`
    throw janusError('JANUS_USAGE', problem, { remedy: `One of: ${ROLES.join(', ')}.` })
  }
  return roles as readonly KeyRole[]
}
