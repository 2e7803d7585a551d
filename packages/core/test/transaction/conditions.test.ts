import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLiveHost } from '@janus/core'
import { createKernelModel, emptyDirectory, standardAddresses, standardMachine, unreadable } from '@janus/core/testing'
import { afterAll, describe, expect, it } from 'vitest'
import type { Machine } from '../../src/contract/hand.js'
import { describeCondition, unmetConditions } from '../../src/transaction/conditions.js'

describe('the bytes of a file as a condition', () => {
  const folder = mkdtempSync(join(tmpdir(), 'janus-conditions-'))
  const path = join(folder, 'program')
  const machine: Machine = {
    host: createLiveHost(),
    query: () => Promise.reject(new Error('nothing is asked')),
    startHand: () => Promise.reject(new Error('nothing is touched')),
    isAlive: async () => false,
  }
  afterAll(() => rmSync(folder, { recursive: true }))

  it('holds for these bytes, and otherwise says what is there instead', async () => {
    const [before, after] = ['one', 'two'].map((text) => createHash('sha256').update(text).digest('hex'))
    const condition = { kind: 'sha256', path, value: before ?? '' } as const
    expect(await unmetConditions(machine, [condition])).toEqual([{ condition, found: 'it does not exist' }])
    writeFileSync(path, 'one')
    expect(await unmetConditions(machine, [condition])).toEqual([])
    writeFileSync(path, 'two')
    expect(await unmetConditions(machine, [condition])).toEqual([{ condition, found: `SHA-256 ${after}` }])
    expect(describeCondition(condition)).toBe(`${path} has SHA-256 ${before}`)
  })
})

describe('what a file holds and does not, as a condition', () => {
  const model = createKernelModel(standardMachine({ files: { '/etc/passwd': 'root:x:0:0\njanus:x:991:991\n' } }))
  const unmet = async (kind: 'contains' | 'lacks', path: string, value: string) =>
    (await unmetConditions(model.machine, [{ kind, path, value }])).length

  it('is the one or the other of a file that is there', async () => {
    expect(await unmet('contains', '/etc/passwd', '\njanus:')).toBe(0)
    expect(await unmet('lacks', '/etc/passwd', '\njanus:')).toBe(1)
    expect(await unmet('lacks', '/etc/passwd', '\nada:')).toBe(0)
  })

  it('is nothing where there is no file, and neither where it cannot be read', async () => {
    expect(await unmet('lacks', '/etc/none', 'x')).toBe(0)
    expect(await unmet('contains', '/etc/none', 'x')).toBe(1)
    model.put({ '/etc/hidden': unreadable('denied') })
    expect(await unmet('lacks', '/etc/hidden', 'x')).toBe(1)
  })

  it('is, of a directory, what none of its files holds, and unknown where one of them cannot be read', async () => {
    model.put({ '/etc/drop-ins/10-one.conf': 'One=1\n', '/etc/drop-ins/20-two.conf': 'Two=2\n' })
    const condition = (value: string) => ({ kind: 'lacks', path: '/etc/drop-ins', value }) as const
    expect(await unmetConditions(model.machine, [condition('Three')])).toEqual([])
    expect(await unmetConditions(model.machine, [condition('Two')])).toEqual([
      { condition: condition('Two'), found: '/etc/drop-ins/20-two.conf contains it' },
    ])
    model.put({ '/etc/drop-ins/15-hidden.conf': unreadable('denied') })
    expect(await unmetConditions(model.machine, [condition('Three')])).toMatchObject([{ isUnreadable: true }])
  })
})

describe('a list of CPUs, as a condition', () => {
  const path = '/proc/irq/24/smp_affinity_list'
  const condition = { kind: 'within', path, value: '0-3,8' } as const
  const unmet = (text: string) =>
    unmetConditions(createKernelModel(standardMachine({ files: { [path]: text } })).machine, [condition])

  it('holds for any part of it, and for nothing beyond', async () => {
    for (const text of ['0-3,8\n', '2\n', '0,8\n']) expect(await unmet(text)).toEqual([])
    expect(await unmet('3-4\n')).toEqual([{ condition, found: '"3-4"' }])
    expect(await unmet('all\n')).toEqual([{ condition, found: '"all"' }])
    expect(await unmetConditions(createKernelModel(standardMachine()).machine, [condition])).toMatchObject([
      { found: 'it does not exist' },
    ])
    expect(describeCondition(condition)).toBe(`${path} names no CPU but 0-3,8`)
  })
})

describe('nobody uses it, as a condition', () => {
  const { physicalFunction, virtualFunctions } = standardAddresses
  const [first] = virtualFunctions
  const path = `/sys/bus/pci/devices/${physicalFunction}`

  it('does not hold for a physical function while a machine has one of its virtual functions', async () => {
    const model = createKernelModel(standardMachine({ vfio: 'loaded' }))
    model.write(`${path}/sriov_drivers_autoprobe`, '0')
    model.write(`${path}/sriov_numvfs`, '2')
    model.write(`/sys/bus/pci/devices/${first}/driver_override`, 'vfio-pci')
    model.write('/sys/bus/pci/drivers/vfio-pci/bind', first)
    const hold = model.holdDevice(first)
    const condition = { kind: 'unused', path, uses: ['virtual-machine'] } as const
    const unmet = await unmetConditions(model.machine, [condition])
    expect(unmet).toEqual([{ condition, found: expect.stringContaining('qemu-system-x86') }])
    const others = { ...condition, uses: ['mount'] } as const
    expect(await unmetConditions(model.machine, [others])).toEqual([])
    hold.release()
    expect(await unmetConditions(model.machine, [condition])).toEqual([])
  })

  it('counts the uses of its virtual functions that are named', async () => {
    const model = createKernelModel(standardMachine())
    model.write(`${path}/sriov_numvfs`, '1')
    model.put({ [`/sys/bus/pci/devices/${first}/net`]: emptyDirectory() })
    const condition = { kind: 'unused', path, uses: ['virtual-machine'] } as const
    expect(await unmetConditions(model.machine, [condition])).toEqual([])
    const wide = { ...condition, functionUses: ['network-namespace'] } as const
    expect(await unmetConditions(model.machine, [wide])).toEqual([
      { condition: wide, found: `the interface of ${first} is in another network namespace, as that of a container` },
    ])
    expect(describeCondition(wide)).toBe(`the host does not use ${path} or its virtual functions`)
  })

  it('finds who holds a device number, whether there is a node of it here or not', async () => {
    const holder = { pid: 42, name: 'python3', device: '195:0', path: '/gpu' }
    const answer = (input: unknown) => {
      const { devices } = input as { devices: readonly string[] }
      return { available: true, complete: true, holders: devices.includes(holder.device) ? [holder] : [] } as const
    }
    const model = createKernelModel({ ...standardMachine(), query: { 'descriptor-holders': answer } })
    const held = { kind: 'unheld', path: '/dev/char/195:0' } as const
    const free = { kind: 'unheld', path: '/dev/char/195:1' } as const
    expect(await unmetConditions(model.machine, [held, free])).toEqual([
      { condition: held, found: 'process 42 (python3) holds it' },
    ])
  })
})
