import { resolve } from 'node:path'
import { janusError } from '@janus/core'
import { readPrivateKey } from '../identity/private-key-file.js'
import { signStatement } from '../identity/statement.js'
import { modeStatement } from '../mode/mode-statement.js'
import type { AgentCommand } from './agent-command.js'
import { wantedMode } from './modes.js'
import { passphraseOf } from './passphrase.js'
import { wantedReason } from './wanted-reason.js'
import { writeNewFile } from './write-new-file.js'

/** `mode sign`. */
export const modeSign: AgentCommand = {
  words: 'mode sign',
  summary: 'Signs a promotion with a key, into a new file that `mode promote` takes.',
  details: ['Changes nothing.'],
  positionals: ['mode', 'file'],
  options: {
    key: { type: 'string', value: '<file>', summary: 'the private key of a first citizen or recommender' },
    'passphrase-fd': { type: 'string', value: '<n>', summary: 'descriptor that its passphrase is read from' },
    reason: { type: 'string', value: '<text>', summary: 'why; everybody who signs says the same' },
    at: { type: 'string', value: '<time>', summary: 'ISO 8601; everybody who signs says the same (now)' },
  },
  example: "mode sign beta ./ada.sig --key ./ada.key --reason 'Thirty days without a violation'",
  async run(call) {
    const to = wantedMode(call)
    const reason = wantedReason(call)
    const at = call.text('at') ?? new Date().toISOString()
    const key = call.text('key')
    if (key === undefined) throw janusError('JANUS_USAGE', '--key is missing: whose signature is it')
    const { vesselId, recordId, mode } = await (await call.reader()).status()
    const privateKey = await readPrivateKey(resolve(key), await passphraseOf(call))
    const statement = modeStatement({ vesselId, recordId, from: mode, to, reason, at })
    const signature = { ...signStatement(privateKey, statement), at }
    const file = resolve(call.positional('file'))
    await writeNewFile(file, `${JSON.stringify(signature)}\n`)
    return {
      data: { file, ...signature },
      text: `signed by ${signature.keyId} at ${at} into ${file}; others sign with --at ${at}`,
    }
  },
}
