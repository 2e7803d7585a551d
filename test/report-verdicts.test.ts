import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createJanus, judgeGroups, openHost } from '@janus/core'
import { readBindingOutlooks } from '@janus/modules-gpu'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { repository } from '../scripts/workspace.js'
import { capturedMachines, machinesFolder, unpackMachine } from './captured-machines.js'

// `janus bind --list` and the guide judge groups by the inventory, `janus report` by the plan of gpu-vfio.

/** Reasons of the plan that an inventory does not hold; packages/modules-gpu/test/gpu-vfio/judged-groups.test.ts has each. */
const UNSEEN = [
  'driver-missing',
  'driver-blacklisted',
  'deny-listed',
  'override-unreadable',
  'framebuffer',
  'foreign-member',
]

const SNAPSHOTS = join(repository, 'examples/snapshots')
const snapshots = (await readdir(SNAPSHOTS)).filter((name) => name.endsWith('.snapshot.json'))
const captured = capturedMachines()
const hosts = [
  ...captured.map((machine) => ({ name: machine.name, open: (folder: string) => unpackMachine(machine, folder) })),
  ...snapshots.map((name) => ({ name, open: async (_folder: string) => join(SNAPSHOTS, name) })),
]

let folder = ''
let judgedGroups = 0

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-verdicts-'))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

if (captured.length === 0) test.skip(`captured machines ($JANUS_MACHINES, ${machinesFolder}) are absent`, () => {})

describe('bind --list and the report', () => {
  test.each(hosts)('say the same of every group of $name', async ({ open }) => {
    const host = await openHost(await open(await mkdtemp(join(folder, 'host-'))))
    const janus = createJanus({ host, sources: [] })
    const inventory = await janus.inventory()
    const outlooks = await readBindingOutlooks(host, inventory)
    await janus.close()
    const groups = outlooks.flatMap(({ target, ...outlook }) =>
      target.kind === 'group' ? [{ id: target.group, ...outlook }] : [],
    )
    const judged = judgeGroups(inventory)
    expect(judged.map(({ id }) => id).sort()).toEqual(groups.map(({ id }) => id).sort())
    for (const { id, verdict } of judged) {
      const group = groups.find((one) => one.id === id)
      const reasons = group?.refusals.map(({ reason }) => reason) ?? []
      const seen = reasons.filter((reason) => !UNSEEN.includes(reason))
      expect({ id, verdict, isFree: seen.length === 0, reasons }).toMatchObject({
        isFree: verdict === 'free' || verdict === 'bound',
      })
    }
    judgedGroups += judged.length
  })

  test('have been compared on groups at all', () => expect(judgedGroups).toBeGreaterThan(20))
})
