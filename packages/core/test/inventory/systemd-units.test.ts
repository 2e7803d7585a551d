import { createMemoryHost } from '@janus/core/testing'
import { describe, expect, it } from 'vitest'
import { readSystemdUnits } from '../../src/inventory/index.js'

const ROOT = '/sys/fs/cgroup'

async function groupOf(name: string, path: string): Promise<string | undefined> {
  const host = createMemoryHost({ [`${path}/cgroup.procs`]: '' })
  return (await readSystemdUnits(host, [name, 'other.service'])).get(name)
}

describe('units of systemd that run', () => {
  it.each([
    ['a service', 'gdm.service', `${ROOT}/system.slice/gdm.service`],
    ['a service of the hybrid layout', 'gdm.service', `${ROOT}/unified/system.slice/gdm.service`],
    ['a service with cgroup v1', 'gdm.service', `${ROOT}/systemd/system.slice/gdm.service`],
    ['an instance of a template', 'a-b@c.service', `${ROOT}/system.slice/system-a\\x2db.slice/a-b@c.service`],
    ['a unit in another slice', 'x.scope', `${ROOT}/machine.slice/machine-gpu.slice/x.scope`],
  ])('have a control group: %s', async (_, name, path) => {
    expect(await groupOf(name, path)).toBe(path)
  })

  it('are not what a service keeps below its own group, nor what does not run', async () => {
    expect(await groupOf('x.service', `${ROOT}/user.slice/user@1000.service/x.service`)).toBeUndefined()
    expect(await readSystemdUnits(createMemoryHost({}), ['x.service'])).toEqual(new Map())
  })
})
