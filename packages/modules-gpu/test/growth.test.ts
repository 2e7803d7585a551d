import { createMemoryLogger } from '@janus/core/testing'
import { expect, it } from 'vitest'
import { gpuFramebuffer, gpuIommu, gpuNvidiaRelease, gpuReset, gpuSriov, gpuTemplate, gpuVfio } from '../src/index.js'
import { CLASSES, createMachine, quietQuery } from './fixture/machine.js'

const MODULES = [gpuFramebuffer, gpuIommu, gpuNvidiaRelease, gpuReset, gpuSriov, gpuTemplate, gpuVfio]

it('a host with many displays is read about as often for each of them', async () => {
  const [few, many] = [await readsOn(10), await readsOn(100)]
  expect(many / 100).toBeLessThan((few / 10) * 1.1)
})

it('findings stay short on a host with very many devices', async () => {
  for (const module of MODULES) {
    for (const { summary, detail = '', evidence = [], remedy = '' } of await module.check(contextOn(300))) {
      expect(summary.length).toBeLessThan(2_000)
      expect(detail.length).toBeLessThan(20_000)
      expect(evidence.length).toBeLessThan(1_000)
      expect(remedy.length).toBeLessThan(5_000)
    }
  }
})

it('the modules that look at displays and functions read no more of two thousand other devices than the list of them', async () => {
  const perDevice = async (count: number) => {
    const devices = Array.from({ length: count }, (_, index) => ({
      address: `0000:${(index >> 5).toString(16).padStart(2, '0')}:${(index & 31).toString(16).padStart(2, '0')}.0`,
    }))
    const host = createMachine({ devices })
    const paths = new Set<string>()
    const readText = (path: string) => {
      paths.add(path)
      return host.readText(path)
    }
    const context = { ...contextOn(0), host: { ...host, readText } }
    for (const module of [gpuFramebuffer, gpuNvidiaRelease, gpuReset, gpuSriov]) await module.check(context)
    return paths.size / count
  }
  // vendor, device, both of the subsystem, class and revision: what a list of devices is made of.
  expect(await perDevice(2_000)).toBeLessThan(7)
})

/** Reads of the host in one check of all modules; time is not measured, a busy machine would spoil it. */
async function readsOn(displays: number): Promise<number> {
  const context = contextOn(displays)
  let reads = 0
  const count =
    <Arguments extends readonly unknown[], Answer>(read: (...given: Arguments) => Answer) =>
    (...given: Arguments) => {
      reads += 1
      return read(...given)
    }
  const { host } = context
  const counting = {
    ...host,
    readText: count(host.readText),
    readLink: count(host.readLink),
    list: count(host.list),
    exists: count(host.exists),
  }
  for (const module of MODULES) await module.check({ ...context, host: counting })
  return reads
}

function contextOn(displays: number) {
  const devices = Array.from({ length: displays }, (_, index) => ({
    address: `0000:${(index >> 5).toString(16).padStart(2, '0')}:${(index & 31).toString(16).padStart(2, '0')}.0`,
    class: CLASSES.display,
    driver: 'amdgpu',
    ...(index % 2 === 0 ? { group: String(index >> 3) } : {}),
  }))
  return {
    host: createMachine({ devices }),
    query: quietQuery,
    options: undefined,
    log: createMemoryLogger(),
    signal: new AbortController().signal,
  }
}
