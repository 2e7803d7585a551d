import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createJanus, type Inventory, openHost, type Plan } from '@janus/core'
import { gpuVfio } from '@janus/modules-gpu'
import { describe, expect, test } from 'vitest'
import { repositoryFiles } from './repository-files.js'
import { temporaryFolder } from './temporary-folder.js'

const MOST_BYTES = 1_048_576

/** What the machines of the lab are captured with (lab/README.md). */
const KNOWN: Readonly<Record<string, { functions: number; iommu: boolean; device?: string }>> = {
  lab: { functions: 25, iommu: true, device: '0000:02:00.0' },
  'lab-numa': { functions: 31, iommu: true, device: '0000:a1:00.0' },
  'lab-without-iommu': { functions: 25, iommu: false },
}

const files = await repositoryFiles('examples/snapshots', '.snapshot.json')

test('the repository carries a snapshot of each of these machines', () => {
  expect(files.map(({ path }) => nameOf(path))).toEqual(['lab-numa', 'lab-without-iommu', 'lab'])
})

describe.each(files)('$path', ({ path, text }) => {
  const known = KNOWN[nameOf(path)]

  test('is small, masked and tells no identity', () => {
    expect(text.length).toBeLessThan(MOST_BYTES)
    expect(JSON.parse(text)).toMatchObject({ schema: 'janus.snapshot/1', masked: true })
    // QEMU numbers its network cards from here, and these are the serial numbers the lab gives to its disks.
    expect(text).not.toMatch(/52:54:00:12:34/i)
    expect(text).not.toMatch(/janus-?[0-9]\b/)
  })

  test('lists the functions of the machine', async () => {
    const { devices, groups, iommu } = await inventoryOf(path)
    expect(devices).toHaveLength(known?.functions ?? -1)
    expect(iommu).toBe(known?.iommu)
    expect(groups.length > 0).toBe(known?.iommu)
  })

  if (known?.device !== undefined) {
    test('gives the same plan whatever the file is called and wherever it lies', async () => {
      const copy = join(await temporaryFolder('snapshot'), 'another-name.json')
      await copyFile(path, copy)
      const options = { devices: [known.device] }
      const [plan, fromCopy] = [await planOn(path, options), await planOn(copy, options)]
      expect(fromCopy.digest).toBe(plan.digest)
      expect(plan.changes.length).toBeGreaterThan(2)
    })
  } else {
    test('refuses a binding, because no IOMMU is in effect', async () => {
      await expect(planOn(path, { devices: ['0000:02:00.0'] })).rejects.toMatchObject({ code: 'JANUS_DEVICE_REFUSED' })
    })
  }
})

async function inventoryOf(path: string): Promise<Inventory> {
  const janus = createJanus({ host: await openHost(path) })
  try {
    return await janus.inventory()
  } finally {
    await janus.close()
  }
}

async function planOn(path: string, options: unknown): Promise<Plan> {
  const janus = createJanus({ host: await openHost(path), sources: [{ kind: 'module', module: gpuVfio }] })
  try {
    return await janus.plan('gpu-vfio', options)
  } finally {
    await janus.close()
  }
}

function nameOf(path: string): string {
  return path.replace(/^.*\//, '').replace('.snapshot.json', '')
}
