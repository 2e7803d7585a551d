import { link } from '@janus/core/testing'
import { describe, expect, it } from 'vitest'
import { gpuVfio, gpuVfioOptions } from '../../src/index.js'
import { CLASSES, contextOn, createMachine, type TestMachine } from '../fixture/machine.js'

const FIRST = { address: '0000:01:00.0', class: CLASSES.display, driver: 'nouveau', group: '1' }
const SECOND = { address: '0000:02:00.0', class: CLASSES.display, driver: 'vfio-pci', group: '2' }

describe('the check of gpu-vfio', () => {
  it('says of every display whether it could be bound, and lists what is bound', async () => {
    const findings = await check({ devices: [FIRST, SECOND] })
    expect(findings.get('bound-devices')?.summary).toContain('0000:02:00.0 (vfio-pci)')
    expect(findings.get('display-0000-02-00-0')).toMatchObject({ status: 'ok' })
    expect(findings.has('display-0000-01-00-0')).toBe(true)
  })

  it('gives every reason why a display cannot be bound', async () => {
    const { group: _, ...display } = FIRST
    const finding = (await check({ devices: [display] })).get('display-0000-01-00-0')
    expect(finding).toMatchObject({
      status: 'warn',
      summary: expect.stringContaining('no-iommu'),
      remedy: expect.any(String),
    })
    expect(finding?.evidence).toContainEqual(expect.objectContaining({ path: '/sys/class/iommu' }))
  })

  it('knows modules by their exact names', async () => {
    const findings = await check({
      drivers: ['vfio-pci'],
      extra: { '/lib/modules/6.12.0-test/modules.dep': 'kernel/drivers/vfio/vfio_iommu_type1.ko:\n' },
    })
    expect(findings.get('kernel-module-vfio-pci')).toMatchObject({ status: 'ok' })
    expect(findings.get('kernel-module-vfio')).toMatchObject({
      status: 'warn',
      summary: expect.stringContaining('neither'),
    })
    expect(findings.get('kernel-module-vfio-iommu-type1')).toMatchObject({
      status: 'warn',
      summary: expect.stringContaining('available'),
    })
  })

  it('counts a built-in module as loaded', async () => {
    const extra = { '/lib/modules/6.12.0-test/modules.builtin': 'kernel/drivers/vfio/vfio.ko\n' }
    expect((await check({ extra })).get('kernel-module-vfio')).toMatchObject({
      status: 'ok',
      summary: expect.stringContaining('built into'),
    })
  })

  it('turns refusals into critical findings when it is told a target', async () => {
    const audio = { address: '0000:01:00.1', class: CLASSES.audio, driver: 'snd_hda_intel', group: '1' }
    const findings = await check(
      { devices: [FIRST, audio, SECOND] },
      { devices: [FIRST.address], allowUse: ['boot-display', 'only-display', 'display'] },
    )
    const refused = [...findings.values()].filter(({ status }) => status === 'critical')
    expect(refused).toMatchObject([
      { summary: expect.stringContaining('snd_hda_intel'), remedy: expect.stringContaining('includeSiblings') },
    ])
  })

  it('leaves a physical function on VFIO as it is, and says that its virtual functions are in the hands of its guest', async () => {
    const attributes = {
      sriov_totalvfs: '8\n',
      sriov_numvfs: '2\n',
      virtfn0: link('../0000:02:10.0'),
      virtfn1: link('../0000:02:10.2'),
    }
    const physical = { ...SECOND, class: CLASSES.network, attributes }
    const findings = await check({ devices: [physical] }, { devices: [SECOND.address] })
    expect([...findings.values()].filter(({ status }) => status === 'critical')).toEqual([])
    expect(findings.get('virtual-functions-0000-02-00-0')).toMatchObject({
      status: 'warn',
      summary: expect.stringContaining('2 SR-IOV virtual functions'),
      evidence: [{ path: '/sys/bus/pci/devices/0000:02:00.0/sriov_numvfs', value: '2' }],
    })
    const without = await check({ devices: [{ ...physical, attributes: {} }] }, { devices: [SECOND.address] })
    expect(without.has('virtual-functions-0000-02-00-0')).toBe(false)
  })

  it('reports an absent target instead of throwing', async () => {
    const findings = await check({ devices: [FIRST] }, { devices: ['0000:0b:00.0'] })
    expect(findings.get('targets')).toMatchObject({
      status: 'critical',
      summary: expect.stringContaining('0000:0b:00.0'),
    })
  })

  it('warns that a bus reset would hit a neighbour of the host', async () => {
    const first = { ...FIRST, attributes: { reset_method: 'bus\n' } }
    const neighbour = { address: '0000:01:00.1', class: CLASSES.audio, driver: 'snd_hda_intel', group: '9' }
    const findings = await check(
      { devices: [first, neighbour, SECOND] },
      { devices: [FIRST.address], allowUse: ['boot-display', 'only-display', 'display'] },
    )
    expect(findings.get('reset-0000-01-00-0')).toMatchObject({
      status: 'warn',
      summary: expect.stringContaining('0000:01:00.1'),
    })
  })

  it('gives every finding a name of its own', async () => {
    const audio = { address: '0000:01:00.1', class: CLASSES.audio, driver: 'snd_hda_intel', group: '1' }
    const context = contextOn(
      createMachine({ devices: [FIRST, audio, { ...audio, address: '0000:01:00.2' }] }),
      gpuVfioOptions.parse({ devices: [FIRST.address] }),
    )
    const ids = (await gpuVfio.check(context)).map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const id of ids) expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/)
  })
})

async function check(machine: TestMachine, options?: Record<string, unknown>) {
  const context = contextOn(createMachine(machine), options === undefined ? undefined : gpuVfioOptions.parse(options))
  return new Map((await gpuVfio.check(context)).map((finding) => [finding.id, finding]))
}
