import type { ContributedCommandContext, Janus } from '@janus/core'
import { createMemoryLogger } from '@janus/core/testing'
import { describe, expect, it } from 'vitest'
import { pinningProposalSchema } from '../../src/index.js'
import { run } from '../../src/topology-command/command.js'
import { createMachine } from '../fixture/context.js'

const CPU = '/sys/devices/system/cpu'
const host = createMachine({
  [`${CPU}/online`]: '0-3',
  ...Object.fromEntries(
    [0, 1, 2, 3].map((cpu) => [
      `${CPU}/cpu${cpu}/topology/thread_siblings_list`,
      String(cpu % 2 === 0 ? '0,2' : '1,3'),
    ]),
  ),
})

const opened: (string | undefined)[] = []
const context: ContributedCommandContext = {
  log: createMemoryLogger(),
  signal: new AbortController().signal,
  async open(path) {
    opened.push(path)
    return { host } as Janus
  },
  print: () => undefined,
  confirm: () => Promise.reject(new Error('it asks nothing')),
  mutate: () => Promise.reject(new Error('it changes nothing')),
}

describe('janus topology', () => {
  it('draws the machine, and proposes nothing unasked', async () => {
    const { text, data } = await run(context, ['--host', 'x.json'])
    expect(opened.at(-1)).toBe('x.json')
    expect(text).toContain('[0 2] [1 3]')
    expect(data).toMatchObject({ proposal: null, topology: { cores: [{ cpus: [0, 2] }, { cpus: [1, 3] }] } })
  })

  it('proposes a pinning, and says why and what else there was', async () => {
    const { text, data, exitCode = 0 } = await run(context, ['--vcpus', '2'])
    expect(exitCode).toBe(0)
    expect(pinningProposalSchema.parse((data as { proposal: unknown }).proposal).vcpus.map(({ cpu }) => cpu)).toEqual([
      1, 3,
    ])
    expect(text).toContain('[0e 2e] [1* 3*]')
    expect(text).toMatch(/\nwhy\n[\s\S]*CPUs 0,2 stay with the host[\s\S]*\nnot taken\n/)
  })

  it('prints its help', async () => {
    expect((await run(context, ['--help'])).text).toContain('janus topology [--device <address>]')
  })

  it.each([
    [['--vcpus', 'many'], /--vcpus "many" is not a whole number/],
    [['--device', '0000:01:00.0'], /--device says .*--vcpus is missing/],
    [['--vcpus', '1', '--memory', 'much'], /--memory: must be a size/],
    [['--vcpus', '1', '--device', '../x'], /--device: /],
    [['--nonsense'], /nonsense/],
    [['positional'], /positional/],
  ])('refuses %j', async (args, message) => {
    await expect(run(context, args)).rejects.toMatchObject({
      code: 'JANUS_USAGE',
      message: expect.stringMatching(message),
    })
  })

  it('says what the host has when that is not enough', async () => {
    await expect(run(context, ['--vcpus', '3'])).rejects.toMatchObject({ code: 'JANUS_HOST_UNFIT' })
  })
})
