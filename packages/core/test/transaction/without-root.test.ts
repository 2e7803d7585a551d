import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createJanus } from '../../src/janus.js'
import { createKernelModel, standardMachine } from '../../src/testing/index.js'
import { pagesModule } from '../testing/conformance/good-module.js'

describe('whoever is not root', () => {
  const ordinary = process.getuid?.() || 1000
  const sources = [{ kind: 'module', module: pagesModule() }] as const
  let stateDirectory = ''

  beforeEach(async () => {
    vi.spyOn(process, 'getuid').mockReturnValue(ordinary)
    stateDirectory = join(await mkdtemp(join(tmpdir(), 'janus-without-root-')), 'state')
  })

  afterEach(async () => {
    vi.restoreAllMocks()
    await rm(join(stateDirectory, '..'), { recursive: true })
  })

  test('is told to be root before anything of this machine is changed', async () => {
    const kernel = createKernelModel(standardMachine())
    const other = createJanus({ machine: kernel.machine, stateDirectory, sources })
    const plan = await other.plan('pages', { pages: 4 })
    const janus = createJanus({ stateDirectory, sources })
    await expect(janus.preflight(plan)).rejects.toMatchObject({ code: 'JANUS_NOT_ROOT' })
    await janus.close()
  })

  test('changes a machine in memory, and takes it back', async () => {
    const kernel = createKernelModel(standardMachine())
    const before = kernel.snapshot()
    const janus = createJanus({ machine: kernel.machine, stateDirectory, sources })
    const { outcome } = await janus.apply(await janus.plan('pages', { pages: 4 }))
    expect(outcome).toBe('applied')
    await janus.rollback()
    expect(kernel.snapshot()).toEqual(before)
    await janus.close()
  })
})
