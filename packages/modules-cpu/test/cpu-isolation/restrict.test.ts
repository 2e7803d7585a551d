import type { Change } from '@janus/core'
import { describe, expect, it } from 'vitest'
import { cpuIsolation, cpuIsolationOptions } from '../../src/index.js'
import { contextOn } from '../fixture/context.js'
import { machine } from './machines.js'

const groups = { batch: {}, web: { cpus: '0,3' } }

describe('restricting what there is', () => {
  it('keeps every group to the remaining processors and moves the tasks of the root, each by its name', async () => {
    const changes = await plan({ enabled: ['cpuset'], groups })
    expect(changes.map(({ why }) => why)).toEqual([
      'make a group for them',
      'keep janus-host.slice to the processors 0-1',
      'keep batch to the processors 0-1',
      'keep web to the processors 0',
      'move process 1 (init) from / to /janus-host.slice',
      'move kernel thread 12 (kswapd0) from / to /janus-host.slice',
      'move process 300 (sshd (listener)) from / to /janus-host.slice',
    ])
  })

  it('leaves kernel threads alone when asked to', async () => {
    const changes = await plan({}, { kernelThreads: false })
    expect(changes.some(({ why }) => why.includes('kernel thread'))).toBe(false)
  })

  it('returns a task only if it still is that task and still where it was put', async () => {
    const move = (await plan({})).at(-1)
    expect(move?.mayFail?.errors).toEqual(['ESRCH', 'EINVAL'])
    expect(move?.expect).toEqual([{ kind: 'contains', path: '/proc/300/stat', value: ' 30000 ' }])
    expect(move?.undo).toMatchObject([
      {
        path: '/sys/fs/cgroup/cgroup.procs',
        value: '300',
        unless: [{ path: '/proc/300/cgroup', value: '0::/\n' }],
        expect: [{ path: '/proc/300/stat' }, { path: '/proc/300/cgroup', value: '0::/janus-host.slice\n' }],
      },
    ])
  })
})

async function plan(cgroups: object, options: object = {}): Promise<readonly Change[]> {
  const { host } = machine(cgroups)
  return await cpuIsolation.apply(
    contextOn(host, cpuIsolationOptions.parse({ cpus: '2-3', mode: 'restrict', ...options })),
  )
}
