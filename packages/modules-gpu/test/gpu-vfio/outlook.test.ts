import { fileURLToPath } from 'node:url'
import { createJanus, type Inventory, isJanusError, type Janus, lossesOf, openHost } from '@janus/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BindingOutlook, gpuVfio, readBindingOutlooks } from '../../src/index.js'

const LAB = fileURLToPath(new URL('../../../../examples/snapshots/lab.snapshot.json', import.meta.url))

let janus: Janus
let inventory: Inventory
let outlooks: readonly BindingOutlook[]

beforeAll(async () => {
  janus = createJanus({ host: await openHost(LAB), sources: [{ kind: 'module', module: gpuVfio }] })
  inventory = await janus.inventory()
  outlooks = await readBindingOutlooks(janus.host, inventory)
})

afterAll(() => janus.close())

describe('what binding would come to', () => {
  test('is told of every group with an endpoint, and of every endpoint by itself', () => {
    const endpoints = inventory.devices.filter(({ role }) => role === 'endpoint')
    const groups = new Set(endpoints.map(({ iommuGroup }) => iommuGroup))
    expect(outlooks.filter(({ target }) => target.kind === 'group')).toHaveLength(groups.size)
    expect(outlooks.flatMap(({ target }) => (target.kind === 'device' ? target.device : []))).toEqual(
      endpoints.map(({ address }) => address),
    )
    expect(new Set(outlooks.map(({ verdict }) => verdict))).toEqual(new Set(['bindable', 'insist', 'refused']))
  })

  test('is what the plan says: its refusals where it is refused, its losses where it is made', async () => {
    for (const { target, verdict, refusals, losses, devices } of outlooks) {
      const options = target.kind === 'group' ? { group: target.group } : { devices: [target.device] }
      const planned = await janus.plan('gpu-vfio', options).catch((error: unknown) => error)
      if (isJanusError(planned)) {
        expect(planned.code).toBe('JANUS_DEVICE_REFUSED')
        expect(planned.data).toEqual({ refusals })
        expect(['insist', 'refused']).toContain(verdict)
      } else {
        expect(verdict).toBe('bindable')
        const { changes } = planned as Awaited<ReturnType<Janus['plan']>>
        expect(losses).toEqual(lossesOf(changes))
        const bound = changes.flatMap((change) =>
          change.kind === 'write-attribute' && change.path.endsWith('/bind') ? change.value : [],
        )
        expect(bound).toEqual(devices.map(({ address }) => address))
      }
    }
  })

  test('names what is lost of a device that could be bound only by insisting, as the plan does once somebody insists', async () => {
    const display = outlooks.find(({ target }) => target.kind === 'group' && target.group === '3')
    expect(display).toMatchObject({ verdict: 'insist', others: ['0000:00:03.0'] })
    const plan = await janus.plan('gpu-vfio', { group: '3', allowUse: ['only-display'] })
    expect(display?.losses).toEqual(lossesOf(plan.changes))
    expect(display?.losses.map(({ id }) => id)).toEqual(['display-session'])
  })
})

test('a captured host that shows nothing of an IOMMU gives no verdict', async () => {
  const hidden = { ...inventory, groups: [], devices: inventory.devices.map(({ iommuGroup: _, ...device }) => device) }
  const { host } = janus
  const silent = { ...host, list: async (path: string) => (/iommu/.test(path) ? {} : host.list(path)) }
  const found = await readBindingOutlooks(silent, hidden)
  expect(new Set(found.map(({ verdict }) => verdict))).toEqual(new Set(['unknown']))
})
