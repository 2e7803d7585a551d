import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { release } from 'node:os'
import { hideModule, run } from '../kit.mjs'

const folder = `/lib/modules/${release()}`

/** Both come before anything has loaded vfio-pci. */
export const driverForbidden = {
  name: 'driver-forbidden',
  title: 'vfio-pci kept from loading by modprobe.d',
  smoke: true,
  async prepare({ nvme }) {
    hideModule('vfio-pci')
    const file = '/etc/modprobe.d/hide-vfio-pci.conf'
    return { device: nvme, asks: ['bind'], exits: [1], evidence: [file], close: async () => rmSync(file) }
  },
}

export const driverBlacklisted = {
  name: 'driver-blacklisted',
  title: 'vfio-pci blacklisted by modprobe.d',
  janusOnly: true,
  async prepare({ nvme }) {
    const file = '/etc/modprobe.d/blacklist-vfio.conf'
    writeFileSync(file, '# passthrough is not wanted here\nblacklist vfio-pci\n')
    return { device: nvme, asks: ['bind'], exits: [1], evidence: [`${file}:2`], close: async () => rmSync(file) }
  },
}

export const driverMissing = {
  name: 'driver-missing',
  title: 'a kernel whose modules do not include vfio-pci',
  async prepare({ nvme }) {
    const restore = removeFromIndex('vfio-pci.ko')
    const proof = await run('modprobe', ['-n', 'vfio-pci'])
    if (proof.exitCode === 0) throw new Error('the trap is not set: modprobe still finds vfio-pci')
    return {
      device: nvme,
      asks: ['bind'],
      exits: [1],
      evidence: [folder, '/sys/module/vfio_pci'],
      close: async () => restore(),
    }
  },
}

/** Takes a module out of modules.dep; without the binary index beside it modprobe reads the text. */
function removeFromIndex(file) {
  const [list, index] = [`${folder}/modules.dep`, `${folder}/modules.dep.bin`]
  const before = readFileSync(list, 'utf8')
  const lines = before.split('\n').filter((line) => !line.split(':', 1)[0].includes(`/${file}`))
  writeFileSync(list, lines.join('\n'))
  renameSync(index, `${index}.away`)
  return () => {
    writeFileSync(list, before)
    renameSync(`${index}.away`, index)
  }
}
