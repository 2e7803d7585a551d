import { readFileSync } from 'node:fs'
import { isJanusModule } from '@janus/core'
import { describe, expect, it } from 'vitest'
import * as modules from '../src/index.js'
import tsup from '../tsup.config.js'

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))

describe('the manifest of @janus/modules-gpu', () => {
  const exported = Object.values<unknown>(modules).filter(isJanusModule)

  it('names every module that the package exports, and no other', () => {
    const named = manifest.janus.modules.map(({ id, type }: { id: string; type: string }) => ({ id, type }))
    expect(named).toEqual(expect.arrayContaining(exported.map(({ metadata: { id, type } }) => ({ id, type }))))
    expect(named).toHaveLength(exported.length)
  })

  it('gives modules the version of the package', () => {
    for (const { metadata } of exported) expect(metadata.version).toBe(manifest.version)
  })

  it('points at what the build makes, and at the export that is the module', () => {
    const entries = Object.keys((tsup as { entry: Record<string, string> }).entry)
    for (const { id, entry, export: name } of manifest.janus.modules) {
      expect(entries.map((built) => `./dist/${built}.js`)).toContain(entry)
      expect((modules as Record<string, unknown>)[name]).toMatchObject({ metadata: { id } })
    }
  })
})
