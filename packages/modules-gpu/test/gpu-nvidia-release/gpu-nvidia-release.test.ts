import { createKernelModel, standardAddresses, standardMachine } from '@janus/core/testing'
import { describe, expect, it } from 'vitest'
import { placeOf } from '../../src/holders.js'
import { gpuNvidiaRelease } from '../../src/index.js'
import { runOn } from '../fixture/run-module.js'
import { machineWithNvidia } from '../fixture/runtime-machines.js'

const { nvme } = standardAddresses

describe('gpu-nvidia-release', () => {
  it('names who holds the card, with the unit it belongs to', async () => {
    const findings = await runOn(gpuNvidiaRelease, machineWithNvidia()).check()
    expect(findings).toMatchObject([
      { id: 'cards', status: 'ok' },
      {
        id: 'holders',
        status: 'warn',
        summary: 'held open: nvidia-persiste (process 700, nvidia-persistenced.service) holds /dev/nvidia0 open',
      },
    ])
    expect(findings[1]?.detail).toContain('195:0, 195:255, 195:254, 511:0, 511:1 and 236:1')
  })

  it('stops the persistence daemon and waits with a deadline; it kills nothing', async () => {
    const changes = await runOn(gpuNvidiaRelease, machineWithNvidia()).apply({ timeout: 7 })
    expect(changes).toMatchObject([
      {
        command: 'systemctl',
        args: ['stop', 'nvidia-persistenced.service'],
        undo: [{ args: ['start', expect.anything()] }],
      },
      {
        command: 'true',
        verifyWithin: 7_000,
        verify: expect.arrayContaining([{ kind: 'unheld', path: '/dev/char/195:0' }]),
        reveals: expect.any(String),
        undo: [],
      },
    ])
    const commands = changes.map((change) => (change.kind === 'run-command' ? change.command : change.kind))
    expect(commands).toEqual(['systemctl', 'true'])
  })

  it('stops units that are named, and tells what that loses', async () => {
    const cgroup = '/sys/fs/cgroup/system.slice/nvidia-dcgm.service'
    const machine = machineWithNvidia({ [`${cgroup}/cgroup.procs`]: '' })
    const changes = await runOn(gpuNvidiaRelease, machine).apply({ stopUnits: ['nvidia-dcgm.service'] })
    expect(changes[1]).toMatchObject({
      args: ['stop', 'nvidia-dcgm.service'],
      irreversible: [{ id: 'work-of-nvidia-dcgm-service' }],
    })
  })

  it.each([
    ['an instance of a template', 'train@a.service', 'system.slice/system-train.slice'],
    ['an instance of a template with a dash', 'my-job@1.service', 'system.slice/system-my\\x2djob.slice'],
    ['a unit in a slice of its own', 'llm.service', 'machine.slice/machine-llm.slice'],
  ])('finds %s that is named', async (_, name, slice) => {
    const machine = machineWithNvidia({ [`/sys/fs/cgroup/${slice}/${name}/cgroup.procs`]: '' })
    const changes = await runOn(gpuNvidiaRelease, machine).apply({ stopUnits: [name] })
    expect(changes[1]).toMatchObject({
      args: ['stop', name],
      verify: [{ kind: 'absent', path: `/sys/fs/cgroup/${slice}/${name}` }],
    })
  })

  it('says which of the units that are named does not run', async () => {
    const run = runOn(gpuNvidiaRelease, machineWithNvidia())
    const said = 'misspelt.service is not found running'
    const findings = await run.check({ stopUnits: ['misspelt.service'] })
    expect(findings.find(({ id }) => id === 'units')).toMatchObject({
      status: 'ok',
      summary: expect.stringContaining(said),
    })
    await run.apply({ stopUnits: ['misspelt.service'] })
    expect(run.log.entries[0]).toMatchObject({ level: 'warn', message: expect.stringContaining(said) })
  })

  it('takes no word for a persistence mode that nothing shows: the driver ends it when it is unbound', () => {
    expect(gpuNvidiaRelease.options.safeParse({ legacyPersistence: true }).success).toBe(false)
  })

  it('tells of MIG instances', async () => {
    const machine = machineWithNvidia({ '/proc/driver/nvidia/capabilities/gpu0/mig/gi1/access': '' })
    const findings = await runOn(gpuNvidiaRelease, machine).check()
    expect(findings.at(-1)).toMatchObject({ id: 'mig', status: 'warn', summary: expect.stringContaining('gpu0/gi1') })
  })

  it('has nothing to do where no card is on the driver', async () => {
    const run = runOn(gpuNvidiaRelease, createKernelModel(standardMachine()))
    expect(await run.check()).toMatchObject([{ id: 'cards', status: 'skipped' }])
    expect(await run.check({ devices: [nvme] })).toMatchObject([{ id: 'cards', status: 'ok' }])
    expect(await run.apply({})).toEqual([])
  })

  it('takes names of units only that have a control group while they run', () => {
    for (const name of ['--all', 'nvidia', 'a b.service', '../x.service', 'gpu.target', 'gpu.timer', 'gpu.path']) {
      expect(gpuNvidiaRelease.options.safeParse({ stopUnits: [name] }).success, name).toBe(false)
    }
  })

  it.each([
    ['0::/system.slice/docker-0123456789abcdef0123456789abcdef.scope\n', 'container 0123456789ab'],
    ['0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-aaaabbbbccccdddd.scope\n', 'container aaaabbbbcccc'],
    ['0::/lxc.payload.web/system.slice/x.service\n', 'container web'],
    ['0::/user.slice/user-1000.slice/session-2.scope\n', 'session-2.scope'],
    ['0::/\n', undefined],
  ])('knows by %j what a process belongs to', (groups, place) => {
    expect(placeOf(groups)).toBe(place)
  })
})
