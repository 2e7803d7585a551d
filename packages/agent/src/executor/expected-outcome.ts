import * as z from '@janus/core/zod'
import type { KeptOutput } from '../contract/run.js'
import { parseJson } from '../json/parse-json.js'

const MOST_TEXT = 4096

/** What an author may expect so that it can be looked at: JSON in the place of the words. */
const expectationSchema = z.strictObject({
  /** Text that stdout holds. */
  stdout_includes: z.string().min(1).max(MOST_TEXT).optional(),
  /** SHA-256 of all of stdout. */
  stdout_sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  /** True: stdout is JSON. False: it is not. */
  stdout_json: z.boolean().optional(),
  /** True: nothing is written to stderr. */
  stderr_empty: z.boolean().optional(),
})

/** What became of an expectation. */
export interface CheckedExpectation {
  /** `words`: for people to judge; `unclear`: too much was printed to tell. */
  readonly verdict: 'met' | 'unmet' | 'unclear' | 'words'
  /** What was found instead. */
  readonly because?: string
}

/** Holds what a run printed against what its author expected, where that is data. */
export function checkExpectation(
  expected: string,
  { stdout, stderr }: { readonly stdout: KeptOutput; readonly stderr: KeptOutput },
): CheckedExpectation {
  const parsed = expectationSchema.safeParse(jsonOf(expected))
  if (!parsed.success) return { verdict: 'words' }
  const { stdout_includes, stdout_sha256, stdout_json, stderr_empty } = parsed.data
  if (stdout_sha256 !== undefined && stdout_sha256 !== stdout.sha256)
    return { verdict: 'unmet', because: `stdout has the SHA-256 ${stdout.sha256}` }
  if (stderr_empty === true && stderr.bytes > 0)
    return { verdict: 'unmet', because: `${stderr.bytes} bytes were written to stderr` }
  const found = stdout_includes === undefined || stdout.text.includes(stdout_includes)
  const readable = stdout_json === undefined || (jsonOf(stdout.text) !== undefined) === stdout_json
  if (found && readable && !(stdout_json !== undefined && stdout.truncated)) return { verdict: 'met' }
  if (stdout.truncated) return { verdict: 'unclear', because: 'too much was printed to be looked through' }
  return {
    verdict: 'unmet',
    because: found
      ? `stdout is ${stdout_json === true ? 'no JSON' : 'JSON'}`
      : 'stdout does not hold what was expected',
  }
}

function jsonOf(text: string): unknown {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}
