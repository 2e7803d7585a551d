import { join } from 'node:path'
import { createJanus, type Janus } from '@janus/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { addFixtures, bashText, createTree, type ModuleTree } from './module-tree.js'

describe('a tree of bash modules, for Janus', () => {
  let tree: ModuleTree
  let janus: Janus | undefined
  beforeEach(() => {
    tree = createTree()
    addFixtures(tree)
  })
  afterEach(async () => {
    await janus?.close()
    tree.remove()
  })

  const open = (env: Readonly<Record<string, string>> = {}): Janus => {
    janus = createJanus({ sources: [{ kind: 'named', name: tree.root, from: '/' }], env: { HOME: tree.root, ...env } })
    return janus
  }

  it('gives a row to each file, and one bad file costs only its own', async () => {
    tree.write('modules/host/bad.sh', 'JANUS_MODULE_ID=$(id)\n')
    tree.write('modules/host/twin.sh', bashText({ id: 'twin' }))
    tree.write('modules/gpu/twin.sh', bashText({ id: 'twin' }))
    const rows = await open().modules()
    expect(rows.map(({ id, status }) => `${id} ${status}`)).toEqual([
      ...['gpu-original enabled', 'twin blocked', 'bad failed'],
      ...['legacy-names enabled', 'library-only enabled', 'twin blocked'],
    ])
    const [, twin] = rows
    for (const folder of ['gpu', 'host']) {
      expect(twin?.diagnostics[0]?.summary).toContain(join(tree.root, `modules/${folder}/twin.sh`))
    }
  })

  it('is checked in the exec mode that the environment names', async () => {
    const modes = [{}, { JANUS_MODULE_EXEC_MODE: 'source' }, { JANUS_MODULE_EXEC_MODE: 'subshell' }] as const
    const outcomes: unknown[] = []
    for (const env of modes) {
      const { modules, diagnostics } = await open(env).check({ modules: ['library-only', 'legacy-names'] })
      outcomes.push([modules.map(({ module }) => module).sort(), diagnostics.map(({ code }) => code)])
      await janus?.close()
    }
    const sourced = [['legacy-names', 'library-only'], []]
    expect(outcomes).toEqual([sourced, sourced, [['legacy-names'], ['JANUS_MODULE_METADATA_INVALID']]])
  })

  it('is not run in an exec mode that does not exist', async () => {
    const { modules, diagnostics } = await open({ JANUS_MODULE_EXEC_MODE: 'sauce' }).check({
      modules: ['gpu-original'],
    })
    expect(modules).toEqual([])
    expect(diagnostics).toMatchObject([{ code: 'JANUS_USAGE', summary: expect.stringContaining('"sauce"') }])
  })
})
