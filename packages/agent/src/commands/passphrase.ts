import { readPassphrase } from '../identity/read-passphrase.js'
import type { AgentCall } from './agent-command.js'
import { wholeNumber } from './whole-number.js'

const MOST_DESCRIPTOR = 1023

/** The passphrase from the descriptor of `--passphrase-fd`; undefined without it. A passphrase never stands on a command line. */
export async function passphraseOf(call: AgentCall): Promise<string | undefined> {
  const descriptor = call.text('passphrase-fd')
  if (descriptor === undefined) return undefined
  return readPassphrase(wholeNumber('passphrase-fd', descriptor, 0, MOST_DESCRIPTOR))
}
