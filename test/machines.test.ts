import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CheckReport, type Inventory, isPciAddress, openHost, readCpu } from '@janus/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runProgram } from '../scripts/run-program.js'
import { capturedMachines, hwlocFile, machinesFolder, readHwlocAnswer, unpackMachine } from './captured-machines.js'

interface Document<Data> {
  readonly ok: boolean
  readonly data: Data
  readonly diagnostics: readonly { readonly code: string }[]
}

/** What these machines are known to have; of any other machine only what holds of all of them is asked. */
const KNOWN: Readonly<Record<string, { functions: number; processors: number; groups?: number; iommu?: boolean }>> = {
  '16em64t-4s2c2t-offlines': { functions: 0, processors: 16 },
  '20em64t-hybrid-1p6c2t+2ca4co1t': { functions: 0, processors: 20 },
  '2i386-2t-hugepagesizecount': { functions: 0, processors: 2 },
  '32amd64-4s2n4c-cgroup2': { functions: 0, processors: 32 },
  '32em64t-2n8c+dax+nvme+mic+dimms': { functions: 137, processors: 16 },
  '40intel64-2g2n4c+pcilocality': { functions: 37, processors: 40 },
  '8em64t-2s2ca2c-buggynuma': { functions: 0, processors: 8 },
  'ghw-amd-ryzen-1600': { functions: 43, processors: 12 },
  'ghw-intel-i7-1270p': { functions: 23, processors: 16, groups: 15, iommu: true },
  'ghw-offline-cpus': { functions: 0, processors: 2 },
}

const machines = capturedMachines()

if (machines.length === 0) test.skip(`captured machines ($JANUS_MACHINES, ${machinesFolder}) are absent`, () => {})
else {
  test('the captured machines are those that this file knows', () => {
    expect(machines.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(KNOWN)))
  })
}

describe.each(machines)('$name', (machine) => {
  const known = KNOWN[machine.name]
  let folder = ''
  let root = ''
  let inventory: Inventory
  let report: CheckReport
  let checkExitCode: number

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'janus-machine-'))
    root = await unpackMachine(machine, folder)
    inventory = (await janus<Inventory>(0, 'bind', '--list', '--host', root)).data
    const checked = await runJanus<CheckReport>('check', '--host', root)
    report = checked.document.data
    checkExitCode = checked.exitCode
  }, 180_000)

  afterAll(async () => await rm(folder, { recursive: true, force: true }))

  test('bind --list shows its PCI functions, each with an address, ids and a class', () => {
    if (known !== undefined) expect(inventory.devices).toHaveLength(known.functions)
    for (const device of inventory.devices) {
      expect(isPciAddress(device.address), device.address).toBe(true)
      expect(`${device.vendor}:${device.device} ${device.class}`).toMatch(/^[0-9a-f]{4}:[0-9a-f]{4} [0-9a-f]{6}$/)
      expect(device.className).not.toBe('')
    }
    expect(new Set(inventory.devices.map(({ address }) => address)).size).toBe(inventory.devices.length)
  })

  test('groups hold known functions only, and an IOMMU is claimed only where one is shown', () => {
    const addresses = inventory.devices.map(({ address }) => address)
    expect(addresses).toEqual(expect.arrayContaining(inventory.groups.flatMap(({ members }) => members)))
    for (const { address, iommuGroup } of inventory.devices) {
      const group = inventory.groups.find(({ members }) => members.includes(address))
      expect(iommuGroup, address).toBe(group?.id)
    }
    if (known !== undefined) expect(inventory.groups).toHaveLength(known.groups ?? 0)
    if (known !== undefined) expect(inventory.iommu).toBe(known.iommu)
  })

  test('check asks every module and ends with 0, or with 1 for a critical finding', () => {
    expect(report.diagnostics).toEqual([])
    expect(report.modules.map(({ module }) => module)).toEqual(expect.arrayContaining(['gpu-iommu', 'gpu-vfio']))
    expect(checkExitCode).toBe(report.counts.critical > 0 ? 1 : 0)
  })

  test('every finding says what it concludes, and a problem says what to do', () => {
    for (const { module, findings } of report.modules) {
      expect(findings.length, module).toBeGreaterThan(0)
      expect(new Set(findings.map(({ id }) => id)).size, module).toBe(findings.length)
      for (const finding of findings) {
        const told = `${module} ${JSON.stringify(finding)}`
        expect(finding.id, told).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/)
        expect(finding.summary, told).toMatch(/^\S[^\n]{3,}$/)
        expect(finding.summary, told).not.toMatch(/undefined|NaN|\[object/)
        if (finding.status === 'critical' || finding.status === 'warn') expect(finding.remedy, told).toBeTruthy()
      }
    }
  })

  test('evidence without a value is of something that is not there', async () => {
    const host = await openHost(root)
    for (const { module, findings } of report.modules) {
      for (const { id, evidence = [] } of findings) {
        for (const { path, value } of evidence) {
          if (value === undefined) expect(await host.exists(path), `${module} ${id} ${path}`).toBe(false)
        }
      }
    }
  })

  test('what the tree does not show is skipped, never judged', () => {
    const finding = (id: string) => report.modules.flatMap(({ findings }) => findings).find((one) => one.id === id)
    if (inventory.devices.length === 0) {
      expect(finding('pci-devices')?.status).toBe('skipped')
      expect(finding('display-controllers')?.status).toBe('skipped')
    }
    if (inventory.iommu === undefined) {
      expect(finding('iommu-in-effect')?.status).toBe('skipped')
      const displays = inventory.devices.filter(({ isDisplay }) => isDisplay)
      for (const { address } of displays) {
        expect(finding(`display-${address.replace(/[:.]/g, '-')}`)?.status, address).toBe('skipped')
      }
    }
    for (const tool of ['virsh', 'qemu-img', 'qemu-system']) expect(finding(`tool-${tool}`)?.status).toBe('skipped')
  })

  test('the processors are those that the tree says are online', async () => {
    const { online } = await readCpu(await openHost(root))
    if (known !== undefined) expect(online).toHaveLength(known.processors)
  })

  const hwloc = hwlocFile(machine)
  if (hwloc === undefined) return
  test('processors and PCI functions agree with what hwloc makes of the same tree', async () => {
    const { processors, functions } = await readHwlocAnswer(hwloc)
    expect(processors.length).toBeGreaterThan(0)
    const { online } = await readCpu(await openHost(root))
    // hwloc leaves out what a cgroup or an incomplete topology excludes, so it may know fewer.
    expect(online).toEqual(expect.arrayContaining([...processors]))
    for (const { address, class: code, id } of functions) {
      const device = inventory.devices.find((one) => one.address === address)
      expect(device && `${device.class.slice(0, 4)} ${device.vendor}:${device.device}`, address).toBe(`${code} ${id}`)
    }
  })
})

async function janus<Data>(exitCode: number, ...args: readonly string[]): Promise<Document<Data>> {
  const ran = await runJanus<Data>(...args)
  expect(ran.exitCode).toBe(exitCode)
  return ran.document
}

async function runJanus<Data>(
  ...args: readonly string[]
): Promise<{ readonly exitCode: number; readonly document: Document<Data> }> {
  const { exitCode, stdout, output } = await runProgram(process.execPath, [
    'packages/cli/bin/janus.js',
    ...args,
    '--json',
  ])
  expect(output, `janus ${args.join(' ')}`).not.toContain('JANUS_INTERNAL')
  return { exitCode, document: JSON.parse(stdout) as Document<Data> }
}
