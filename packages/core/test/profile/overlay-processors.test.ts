import type { Change, Host } from '@janus/core'
import { createKernelModel, type KernelModel, standardMachine } from '@janus/core/testing'
import { describe, expect, it } from 'vitest'
import { createOverlay } from '../../src/profile/overlay/overlay-host.js'

const CPUS = '/sys/devices/system/cpu'
const cpuinfo = [0, 1, 2, 3].map((cpu) => `processor\t: ${cpu}\napicid\t: ${cpu}\n`).join('\n')
const policy = (cpus: readonly number[]) => {
  return { cpus, driver: 'acpi-cpufreq', governor: 'ondemand', governors: ['ondemand', 'performance'] }
}

function machine(cores: readonly (readonly number[])[]): KernelModel {
  const spec = standardMachine({ files: { '/proc/cpuinfo': cpuinfo } })
  const frequencyPolicies = [policy([0, 2]), policy([1]), policy([3])]
  return createKernelModel({ ...spec, processors: { cores }, frequencyPolicies })
}

async function laid({ host }: KernelModel, path: string, value: string, verify: Change['verify'] = []): Promise<Host> {
  const overlay = createOverlay(host)
  await overlay.lay({ kind: 'write-attribute', path, value, verify, scope: 'runtime', why: 'a test' })
  return overlay.host()
}

/** Everything below the directory of the processors that can be read, as text. */
async function shown(host: Host, path = CPUS): Promise<Readonly<Record<string, string | undefined>>> {
  const names = (await host.list(path)).value
  if (names === undefined) return { [path]: (await host.readText(path)).value }
  const parts = await Promise.all(names.map((name) => shown(host, `${path}/${name}`)))
  return Object.assign({}, ...parts)
}

/** Nothing of a policy that has no processor can be read, and what is not modelled is not compared. */
function comparable(files: Readonly<Record<string, string | undefined>>) {
  return Object.fromEntries(
    Object.entries(files).filter(([path]) => !path.includes('/cpufreq/') || path.endsWith('/affected_cpus')),
  )
}

describe('processors that a planned change takes offline', () => {
  it.each([
    ['the second threads', `${CPUS}/smt/control`, 'off'],
    ['one of them', `${CPUS}/cpu3/online`, '0'],
  ])('are shown as the kernel shows them once it is made: %s', async (_, path, value) => {
    for (const cores of [
      [
        [0, 1],
        [2, 3],
      ],
      [
        [0, 2],
        [1, 3],
      ],
    ]) {
      const model = machine(cores)
      const overlay = comparable(await shown(await laid(model, path, value)))
      expect(model.write(path, value)).toBe('ok')
      const made = comparable(await shown(model.host))
      const normalised = Object.entries(made).map(([file, text]) => [file, text ?? '\n'])
      expect(overlay).toEqual(Object.fromEntries(normalised))
    }
  })

  it('are those that the change says will be gone: a first thread may be offline, and no list show it', async () => {
    const model = machine([
      [0, 1],
      [2, 3],
    ])
    const verify = [{ kind: 'equals', path: `${CPUS}/online`, value: '0,3' }] as const
    const host = await laid(model, `${CPUS}/smt/control`, 'off', verify)
    expect((await host.readText(`${CPUS}/online`)).value).toBe('0,3\n')
    expect((await host.readText(`${CPUS}/offline`)).value).toBe('1-2\n')
  })

  it('are gone from /proc/cpuinfo too', async () => {
    const host = await laid(
      machine([
        [0, 1],
        [2, 3],
      ]),
      `${CPUS}/smt/control`,
      'off',
    )
    const text = (await host.readText('/proc/cpuinfo')).value ?? ''
    expect([...text.matchAll(/^processor\t: (\d)$/gm)].map(([, cpu]) => cpu)).toEqual(['0', '2'])
  })
})

describe('processors that a planned change brings online', () => {
  const off = (cores: readonly (readonly number[])[], offline: readonly number[]): KernelModel => {
    const spec = standardMachine({ files: { '/proc/cpuinfo': cpuinfo } })
    const processors = { cores, offline, smt: 'off' } as const
    return createKernelModel({ ...spec, processors, frequencyPolicies: [policy([0, 2]), policy([1]), policy([3])] })
  }
  const cores = [
    [0, 1],
    [2, 3],
  ]

  it('are not guessed: everything that would count them says that it is planned', async () => {
    const model = off(cores, [1, 3])
    const overlay = createOverlay(model.host)
    await overlay.lay({
      kind: 'write-attribute',
      path: `${CPUS}/smt/control`,
      value: 'on',
      scope: 'runtime',
      why: 'on',
    })
    const host = overlay.host()
    const before = await shown(model.host)
    expect(model.write(`${CPUS}/smt/control`, 'on')).toBe('ok')
    const after = await shown(model.host)
    const changed = Object.keys(after).filter((path) => before[path] !== after[path])
    expect(changed).toEqual(expect.arrayContaining([`${CPUS}/online`, `${CPUS}/cpu1/topology/core_id`]))
    overlay.takePendingReads()
    for (const path of [...changed, '/proc/cpuinfo']) {
      if (path === `${CPUS}/smt/control`) expect((await host.readText(path)).value).toBe('on\n')
      else expect([path, await host.readText(path)]).toEqual([path, { unreadable: 'planned' }])
    }
    expect(await host.list(`${CPUS}/cpufreq`)).toEqual({ unreadable: 'planned' })
    expect(overlay.takePendingReads()).toContainEqual({ path: `${CPUS}/online`, by: 'kernel' })
  })

  it('change nothing where all are online, and one that is switched on alone is one', async () => {
    const path = `${CPUS}/cpu3/online`
    const isOnline = await laid(off(cores, []), path, '1')
    expect((await isOnline.readText(`${CPUS}/online`)).value).toBe('0-3\n')
    const comes = await laid(off(cores, [1, 3]), path, '1')
    expect(await comes.readText(`${CPUS}/online`)).toEqual({ unreadable: 'planned' })
    expect((await comes.readText(path)).value).toBe('1\n')
    expect((await comes.readText(`${CPUS}/cpu1/online`)).value).toBe('0\n')
  })

  it('stay unknown when another goes offline behind them', async () => {
    const overlay = createOverlay(off(cores, [1, 3]).host)
    for (const [path, value] of [
      [`${CPUS}/smt/control`, 'on'],
      [`${CPUS}/cpu2/online`, '0'],
    ] as const)
      await overlay.lay({ kind: 'write-attribute', path, value, scope: 'runtime', why: 'a test' })
    expect(await overlay.host().readText(`${CPUS}/online`)).toEqual({ unreadable: 'planned' })
  })
})
