import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { REDACTED } from '@janus/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { maskNamedValues } from '../../src/views/view-line.js'
import { EXECUTOR } from '../support/decision-context.js'
import { approved, type ExecutingParts, type ExecutingSettings, executing, script } from '../support/executing-agent.js'
import { toolEntry } from '../support/tool-entry.js'

let folder: string
let parts: ExecutingParts

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-output-')))
})

afterEach(async () => {
  await parts.agent.close()
  await rm(folder, { recursive: true, force: true })
})

async function run(text: string, settings: ExecutingSettings = {}) {
  parts = await executing(folder, settings)
  const id = await approved(parts.agent, script(text))
  return parts.executor.execute(id, EXECUTOR)
}

describe('attack 22: what a run prints', () => {
  test.each([
    ['escape sequences, NUL and what is no UTF-8', "printf '\\033[2J\\0\\377\\303 end'", '\u001b[2J\0\ufffd\ufffd end'],
    ['one long line', 'head -c 60000 /dev/zero | tr "\\0" a', /^a{2048}\n… 55904 characters left out …\na{2048}$/],
    [
      'characters that take two places in memory, cut in their middle',
      'printf x; head -c 20000 /dev/zero | sed "s/\\x00/😀/g"; printf y',
      /^x😀{1023}\ufffd\n… 35906 characters left out …\n\ufffd😀{1023}y$/u,
    ],
  ])('%s is on the record, and the record is read again', async (_what, text, expected) => {
    const { status, result } = await run(text)
    expect(status).toBe('completed')
    const { text: kept } = result.details.stdout as { readonly text: string }
    if (typeof expected === 'string') expect(kept).toBe(expected)
    else expect(kept).toMatch(expected)
    const recorded = []
    for await (const event of parts.agent.record.history())
      if (event.type === 'execution-ended') recorded.push(event.payload.result)
    expect(recorded).toEqual([result])
  })

  test('a long line takes no longer to look through for secrets than its length says', () => {
    // Walked through from each of its characters it would take longer than any test may.
    const line = 'a'.repeat(1_000_000)
    expect(maskNamedValues(`${line} token=hunter2 1token=hunter2 --token=hunter2`).slice(line.length)).toBe(
      ` token=${REDACTED} 1token=${REDACTED} --token=${REDACTED}`,
    )
  })
})

describe('attack 26: a secret of a run', () => {
  test('is left out of what it printed, also where that is shortened, and of what it is judged by', async () => {
    const environment = { API_TOKEN: 'canary-5f1c-canary' }
    const { result } = await run(
      'head -c 2040 /dev/zero | tr "\\0" x; printf "%s" "$API_TOKEN"; head -c 60000 /dev/zero',
      {
        entry: { environment },
        executor: {
          tools: {
            entry: () => ({ ...toolEntry('sh', ['/usr/bin/dash', '-c']), environment }),
            manifest: () => undefined,
            judge: () => ({ warnings: ['it says canary-5f1c-canary'], failure: 'canary-5f1c-canary' }),
          },
        },
      },
    )
    expect(JSON.stringify(result)).not.toContain('canary')
  })
})
