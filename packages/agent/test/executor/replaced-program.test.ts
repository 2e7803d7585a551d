import { spawn } from 'node:child_process'
import { chmod, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { EXECUTOR } from '../support/decision-context.js'
import { approved, executing, script } from '../support/executing-agent.js'

/** Puts the other program in the place of the approved one and the approved one back, the same file each time, as often as it can. */
const EXCHANGE = 'cd "$1" && while ln tool kept && cp other new && mv new tool && mv kept tool; do :; done'
const TIMES = 8

test('attack 7: a program that is exchanged in a loop from the use of the warrant on is never taken for the approved one', async () => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-exchanged-')))
  const program = join(folder, 'tool')
  const ended: string[] = []
  for (let time = 0; time < TIMES; time += 1) {
    for (const [name, says] of [
      ['tool', 'approved'],
      ['other', 'other'],
    ] as const) {
      await rm(join(folder, name), { force: true })
      await writeFile(join(folder, name), `#!/usr/bin/dash\necho ${says}\n`)
      await chmod(join(folder, name), 0o755)
    }
    const parts = await executing(join(folder, `run-${time}`), { entry: { command: [program] } })
    const id = await approved(parts.agent, script('x'))
    let exchange: ReturnType<typeof spawn> | undefined
    const unwatch = parts.agent.record.watch(({ type }) => {
      if (type === 'warrant-consumed') exchange = spawn('/usr/bin/dash', ['-c', EXCHANGE, 'exchange', folder])
    })
    const { status, result } = await parts.executor.execute(id, EXECUTOR)
    unwatch()
    const over = new Promise((resolve) => exchange?.once('close', resolve))
    exchange?.kill('SIGKILL')
    await over
    await rm(join(folder, 'kept'), { force: true })
    await parts.agent.close()
    const printed = JSON.stringify(result.details.stdout ?? null)
    if (status === 'completed') expect(printed).toContain('"approved\\n"')
    else expect(result.code).toBe('PROGRAM_REPLACED')
    ended.push(status)
  }
  await rm(folder, { recursive: true, force: true })
  expect(ended).toHaveLength(TIMES)
})
