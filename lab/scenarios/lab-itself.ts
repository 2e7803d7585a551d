import { join } from 'node:path'
import { createDiskImage } from '../machine/disk-image.js'
import { reportedValue } from '../machine/record.js'
import { addresses } from '../machine/topology.js'
import { defineScenario } from '../scenario.js'

/** The lab's own promises: exit codes, deadlines, a disk that outlives a power cut, and the kit's less used parts. */
export default defineScenario({
  summary:
    'exit codes, deadlines, power cuts, disks across boots, mounted NVMe, default route, hidden modules, packages',
  async run({ boot, check, folder, guestProgram }) {
    const program = guestProgram('lab-itself')
    const image = await createDiskImage(join(folder, 'state.img'), { ext4: true })
    const disks = [{ image, name: 'state', mountAt: '/var/lib/janus' }]

    const cut = await boot({
      program,
      disks,
      loadDrivers: false,
      args: ['write-until-cut'],
      expectedEnd: 'cut',
      killWhen: (record) => record.type === 'marker' && record.name === 'cut the power',
    })
    check('a power cut leaves no exit code', cut.exitCode === null, cut.exitCode)

    const after = await boot({ program, disks, loadDrivers: false, args: ['read-after-cut'] })
    check('what was synced before the cut is there after it', reportedValue(after.results, 'synced') === 'synced\n')

    const hanging = await boot({
      program,
      loadDrivers: false,
      args: ['hang'],
      timeoutSeconds: 15,
      expectedEnd: 'deadline',
    })
    check('a deadline ends a boot', hanging.end === 'deadline', hanging.end)

    const exit = await boot({ program, loadDrivers: false, args: ['exit', '7'], expectedCode: 7 })
    check('the exit code of the program comes back', exit.exitCode === 7, exit.exitCode)

    await boot({
      program,
      loadDrivers: false,
      layers: ['initramfs-tools'],
      machine: { memoryMiB: 2048 },
      args: ['packages'],
      timeoutSeconds: 3_600,
    })

    await boot({
      program,
      machine: { uplink: true },
      args: ['kit', addresses.nvme, addresses.uplink],
    })
  },
})
