import type { AgentCommand } from './agent-command.js'

/** `audit verify`. */
export const auditVerify: AgentCommand = {
  words: 'audit verify',
  summary: 'Verifies the files of the record from their first byte. Exit code 1 when they are damaged.',
  positionals: [],
  options: {},
  example: 'audit verify',
  async run(call) {
    const found = await (await call.reader()).verifyRecord()
    const { intact, records, lastSeq, lastHash, damage } = found
    return {
      data: found,
      text: intact
        ? `intact: ${records} events, the last is number ${lastSeq} with the hash ${lastHash}`
        : `DAMAGED after ${records} events: ${damage ?? 'unknown'}`,
      exitCode: intact ? 0 : 1,
    }
  },
}
