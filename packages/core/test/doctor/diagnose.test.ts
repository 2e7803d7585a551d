import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Query } from '../../src/contract/query.js'
import { registerCore } from '../../src/core-copies.js'
import { hostTools } from '../../src/doctor/host-tools.js'
import { diagnose } from '../../src/doctor/index.js'
import { createJanus } from '../../src/janus.js'
import { folderOf } from '../modules/package-tree.js'

const absent = (async () => ({ available: true, path: null })) as unknown as Query
const settings = (stateDirectory: string) => ({
  modules: async () => [],
  query: absent,
  uid: process.getuid?.() ?? 0,
  sudo: false,
  stateDirectory,
  extensionDirectory: '/nowhere/extensions',
})

describe('a diagnosis', () => {
  it('tells versions and where things are, and holds nothing of the environment', async () => {
    const home = folderOf({ 'readme.txt': '' })
    const env = { PATH: process.env.PATH, HOME: home, SECRET_TOKEN: 'hush-hush' }
    const janus = createJanus({ env, stateDirectory: join(home, 'state') })
    const report = await janus.diagnose()
    await janus.close()
    expect(report).toMatchObject({
      node: { version: process.versions.node },
      platform: { os: 'linux' },
      stateDirectory: { path: join(home, 'state'), state: 'absent' },
      extensionDirectory: join(home, '.local/share/janus/extensions'),
      modules: [],
    })
    expect(report.cores.length).toBeGreaterThan(0)
    expect(report.tools.map(({ name }) => name)).toContain('bash')
    expect(JSON.stringify(report)).not.toContain('hush-hush')
  })

  it('names a state directory that others may write', async () => {
    const folder = folderOf({ 'state/logs/x': '' })
    chmodSync(join(folder, 'state'), 0o777)
    const report = await diagnose(settings(join(folder, 'state')))
    expect(report.stateDirectory).toMatchObject({ state: 'refused', mode: '0777' })
    expect(report.diagnostics.map(({ code }) => code)).toContain('JANUS_STATE_UNSAFE')
  })

  it('warns of a second copy of core', async () => {
    registerCore()
    const copy = folderOf({ 'core/package.json': { name: '@janus/core', version: '9.9.9' }, 'core/dist/x.js': '' })
    const registry = (globalThis as Record<symbol, unknown>)[Symbol.for('janus.core.instances')] as Set<string>
    registry.add(join(copy, 'core/dist/x.js'))
    try {
      const report = await diagnose(settings(join(copy, 'none')))
      expect(report.cores).toContainEqual({ version: '9.9.9', path: join(copy, 'core') })
      const warning = report.diagnostics.find(({ code }) => code === 'JANUS_CORE_DUPLICATED')
      expect(warning).toMatchObject({ severity: 'warning', summary: expect.stringContaining('9.9.9') })
    } finally {
      registry.delete(join(copy, 'core/dist/x.js'))
    }
  })

  it('starts only tools that were found, and does not wait for one that hangs or fails', async () => {
    const folder = folderOf({ 'readme.txt': '' })
    mkdirSync(join(folder, 'bin'))
    const script = (name: string, text: string) =>
      writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
    script('virsh', 'echo 9.0.0; echo more')
    script('qemu-img', 'exit 3')
    const query = (async (_: string, { name }: { name: string }) => ({
      available: true,
      path: ['virsh', 'qemu-img'].includes(name) ? join(folder, 'bin', name) : null,
    })) as unknown as Query
    expect(await hostTools(query)).toEqual([
      { name: 'virsh', path: join(folder, 'bin/virsh'), version: '9.0.0' },
      { name: 'qemu-img', path: join(folder, 'bin/qemu-img') },
    ])
  })
})
