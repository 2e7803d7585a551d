import { mkdir, writeFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import { reportedValue } from '../machine/record.js'
import { addresses, type MachineOptions } from '../machine/topology.js'
import { defineScenario } from '../scenario.js'

interface Capture {
  readonly name: string
  readonly machine: MachineOptions
  /** Module and options of plans that must be the same live and from the snapshot. */
  readonly plans: readonly (readonly string[])[]
}

const nvme = ['gpu-vfio', `devices=${addresses.nvme}`]
const pages = ['cpu-hugepages', 'pages=4']

const captures: readonly Capture[] = [
  { name: 'lab', machine: {}, plans: [nvme, ['gpu-vfio', `devices=${addresses.conventionalTest}`], pages] },
  { name: 'lab-without-iommu', machine: { iommu: 'absent' }, plans: [pages] },
  {
    name: 'lab-numa',
    machine: { numa: true, twins: true, bootDisplay: true, memoryMiB: 1536 },
    plans: [nvme, ['gpu-vfio', `devices=${addresses.farNic}`], [...pages, 'node=1']],
  },
]

/**
 * Captures three machines and compares what Janus says of each live and from the capture. With JANUS_LAB_WRITE_SNAPSHOTS=1
 * the captures replace those in `examples/snapshots`.
 */
export default defineScenario({
  summary: 'plans, lists and checks are the same from a snapshot as live; no identity leaks',
  async run({ boot, check, note, guestProgram }) {
    for (const { name, machine, plans } of captures) {
      const program = guestProgram('snapshots')
      const { results } = await boot({
        machine,
        program,
        args: [JSON.stringify({ name, plans })],
        timeoutSeconds: 5_400,
      })
      const packed = reportedValue(results, 'snapshot')
      if (typeof packed !== 'string') {
        check(`${name}: the snapshot comes back`, false)
        continue
      }
      if (process.env.JANUS_LAB_WRITE_SNAPSHOTS === '1')
        note(await keep(name, gunzipSync(Buffer.from(packed, 'base64'))))
    }
  },
})

async function keep(name: string, content: Uint8Array): Promise<string> {
  const folder = new URL('../../examples/snapshots/', import.meta.url)
  await mkdir(folder, { recursive: true })
  await writeFile(new URL(`${name}.snapshot.json`, folder), content)
  return `wrote examples/snapshots/${name}.snapshot.json, ${content.length} bytes`
}
