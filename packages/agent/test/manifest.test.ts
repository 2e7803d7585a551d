import { readFileSync } from 'node:fs'
import { isJanusModule } from '@janus/core'
import { describe, expect, it } from 'vitest'
import { agentInstall } from '../src/index.js'
import tsup from '../tsup.config.js'

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
const parts = tsup as unknown as readonly { readonly entry: Readonly<Record<string, string>> }[]
const built = parts.flatMap(({ entry }) => Object.keys(entry)).map((name) => `./dist/${name}.js`)

describe('the manifest of @janus/agent', () => {
  it('names the module that the package exports, in its version', () => {
    const { id, type, version } = agentInstall.metadata
    expect(isJanusModule(agentInstall)).toBe(true)
    expect(manifest.janus.modules).toMatchObject([{ id, type, export: 'agentInstall' }])
    expect(version).toBe(manifest.version)
  })

  it('points at what the build makes', () => {
    const { modules, commands, checks = [] } = manifest.janus
    for (const { entry } of [...modules, ...commands, ...checks]) expect(built).toContain(entry)
  })
})
