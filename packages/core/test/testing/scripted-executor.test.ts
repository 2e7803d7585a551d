import { describe, expect, it } from 'vitest'
import { createScriptedExecutor } from '../../src/testing/index.js'

describe('a scripted executor', () => {
  it('answers with the first entry that fits and is not used up', async () => {
    const executor = createScriptedExecutor([
      { command: 'virsh', args: ['list'], result: { stdout: 'first\n' }, times: 1 },
      { command: 'virsh', args: ['list'], result: { stdout: 'then\n' } },
      { command: /^\/usr\/bin\//g, args: [/^-/, 'x'], result: { exitCode: 3 } },
      {
        command: 'sleep',
        args: (args) => args.length === 1,
        result: ({ options }) => ({ timedOut: options.timeout === 5, signal: 'SIGKILL' }),
      },
      { command: 'never' },
    ])
    expect(await executor.run('virsh', ['list'])).toMatchObject({ stdout: 'first\n', exitCode: 0, timedOut: false })
    expect((await executor.run('virsh', ['list'])).stdout).toBe('then\n')
    for (let round = 0; round < 2; round += 1) expect((await executor.run('/usr/bin/a', ['-v', 'x'])).exitCode).toBe(3)
    expect(await executor.run('sleep', ['9'], { timeout: 5 })).toMatchObject({
      timedOut: true,
      signal: 'SIGKILL',
      exitCode: undefined,
    })
    expect(executor.calls).toHaveLength(5)
    expect(executor.unused().map((entry) => entry.command)).toEqual(['never'])
  })

  it('refuses a call that nobody scripted, and notes it', async () => {
    const executor = createScriptedExecutor([{ command: 'virsh', args: ['list'] }])
    for (const [command, args] of [
      ['virsh', ['list', '--all']],
      ['virsh', []],
      ['virsh2', ['list']],
    ] as const) {
      await expect(executor.run(command, args)).rejects.toMatchObject({ code: 'JANUS_EXECUTOR_UNSCRIPTED' })
    }
    expect(executor.calls).toHaveLength(3)
  })

  it('starts nothing when it is cancelled before', async () => {
    const executor = createScriptedExecutor([{ command: 'true' }])
    await expect(executor.run('true', [], { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'JANUS_EXECUTOR_CANCELLED',
    })
    expect(executor.unused()).toHaveLength(1)
  })
})
