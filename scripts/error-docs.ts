import { AGENT_ERROR_CODES } from '../packages/agent/src/errors/agent-error.js'
import { ERROR_CODES, type ErrorCode } from '../packages/core/src/errors/codes.js'

/** Codes that existed once; they are documented for ever and never used again. */
const RETIRED: readonly string[] = []

/** The text of `docs/errors.md`: a heading per code of the catalogues. */
export function errorDocs(): string {
  const sections = Object.entries<ErrorCode>({ ...ERROR_CODES, ...AGENT_ERROR_CODES }).map(
    ([code, { meaning, remedy, exitCode }]) =>
      [`## ${code}`, '', meaning, '', `- What to do: ${remedy}`, `- Exit code: ${exitCode}`, ''].join('\n'),
  )
  return [heading, ...sections, retired()].join('\n')
}

const heading = `# Errors

Every failure of Janus carries one of these codes: in \`error.code\` for users of the SDK, in \`diagnostics\` of \`--json\`, and
in the message of the command. A code never changes its meaning. The message says what failed and where; the remedy below
is the general one, the message often has a better one. Exit codes are explained in [exit codes](exit-codes.md).

This page is written from the catalogues of core (\`packages/core/src/errors/codes.ts\`) and of the agent
(\`packages/agent/src/errors/agent-error.ts\`) by \`npm run docs:errors\`.
`

function retired(): string {
  const codes = RETIRED.length === 0 ? 'None yet.' : RETIRED.map((code) => `- \`${code}\``).join('\n')
  return `## Retired codes\n\n${codes}\n`
}
