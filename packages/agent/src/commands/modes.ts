import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { janusError } from '@janus/core'
import * as z from '@janus/core/zod'
import type { Signature } from '../contract/actor.js'
import { OPERATIONAL_MODES, type OperationalMode } from '../contract/mode.js'
import { parseJson } from '../json/parse-json.js'
import type { AgentCall, AgentCommand } from './agent-command.js'
import { modeLines } from './render/mode-lines.js'
import { REASON, wantedReason } from './wanted-reason.js'

const signatureFile = z.strictObject({ keyId: z.string(), signature: z.string(), at: z.string() })

/** `mode show`. */
export const modeShow: AgentCommand = {
  words: 'mode show',
  summary: 'The mode, what it permits, and the gate to the next one with each of its conditions.',
  positionals: [],
  options: {},
  example: 'mode show',
  async run(call) {
    const answer = await (await call.reader()).showMode()
    return { data: answer, text: modeLines(answer).join('\n') }
  },
}

/** `mode promote`. */
export const modePromote: AgentCommand = {
  words: 'mode promote',
  summary: 'Raises the mode when its gate is open, with the signatures that people gave.',
  positionals: ['mode'],
  options: {
    reason: { type: 'string', value: '<text>', summary: 'why; it is part of what was signed' },
    signature: {
      type: 'string',
      multiple: true,
      value: '<file>',
      summary: 'a signature file of `mode sign`; may be repeated',
    },
  },
  example: "mode promote beta --reason 'Thirty days without a violation' --signature ./first-citizen.sig",
  async run(call) {
    const to = wantedMode(call)
    const reason = wantedReason(call)
    const files = call.texts('signature')
    if (files.length === 0) throw janusError('JANUS_USAGE', '--signature is missing: a promotion is signed by people')
    const signatures = await Promise.all(files.map(readSignature))
    const [first] = signatures
    if (first === undefined || signatures.some(({ at }) => at !== first.at)) {
      throw janusError('JANUS_USAGE', 'the signatures were given for different times', {
        remedy: `Sign the same statement: \`${call.program} mode sign --at <time>\`.`,
      })
    }
    const request = { to, reason, at: first.at, signatures: signatures.map(({ at: _at, ...signature }) => signature) }
    const answer = await (await call.agent()).promoteMode(request)
    return { data: answer, text: modeLines(answer).join('\n') }
  },
}

/** `mode demote`. */
export const modeDemote: AgentCommand = {
  words: 'mode demote',
  summary: 'Lowers the mode at once.',
  positionals: ['mode'],
  options: REASON,
  example: "mode demote alpha --reason 'Under review'",
  async run(call) {
    const answer = await (await call.agent()).demoteMode({ to: wantedMode(call), reason: wantedReason(call) })
    return { data: answer, text: modeLines(answer).join('\n') }
  },
}

/** The mode that a command line names. @throws JANUS_USAGE */
export function wantedMode(call: AgentCall): OperationalMode {
  const mode = call.positional('mode')
  const known = OPERATIONAL_MODES.find((each) => each === mode)
  if (known === undefined) {
    throw janusError('JANUS_USAGE', `${JSON.stringify(mode)} is no mode`, {
      remedy: `One of: ${OPERATIONAL_MODES.join(', ')}.`,
    })
  }
  return known
}

async function readSignature(file: string): Promise<Signature & { readonly at: string }> {
  const path = resolve(file)
  try {
    return signatureFile.parse(parseJson(await readFile(path, 'utf8')))
  } catch (cause) {
    throw janusError('JANUS_FILE_INVALID', `${path} is not a signature file`, { cause })
  }
}
