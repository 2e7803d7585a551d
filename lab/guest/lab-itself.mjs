// The guest side of the scenario `lab-itself`; the first argument names the part.
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import {
  check,
  finish,
  hideModule,
  loadModule,
  makeFileSystem,
  marker,
  mountDevice,
  nvmeDisk,
  run,
  setUpDefaultRoute,
  value,
} from './kit.mjs'

const [part, ...args] = process.argv.slice(2)
const parts = {
  'write-until-cut': async () => {
    const file = openSync('/var/lib/janus/file', 'w')
    writeSync(file, 'synced\n')
    fsyncSync(file)
    closeSync(file)
    marker('cut the power')
    await forever()
  },
  'read-after-cut': async () => {
    value('synced', readFileSync('/var/lib/janus/file', 'utf8'))
    const { stdout } = await run('dmesg', [])
    check('ext4 replayed its journal', /vda.*recovery complete/.test(stdout), stdout.slice(-2000))
  },
  hang: forever,
  exit: () => process.exit(Number(args[0])),
  packages: async () => {
    const initramfs = '/tmp/initrd'
    writeFileSync('/etc/initramfs-tools/conf.d/lab', 'MODULES=list\nCOMPRESS=gzip\n')
    const built = await run('mkinitramfs', ['-o', initramfs], { timeoutMs: 1_700_000 })
    check('a program of a package runs, with what it needs', built.exitCode === 0, built)
    const { stdout } = await run('lsinitramfs', [initramfs])
    check('it packed udev, which the host need not have', /systemd-udevd$/m.test(stdout), stdout.slice(0, 2000))
    const kernel = readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim()
    const files = readdirSync('/boot')
    check('the kernel is in /boot', files.includes(`vmlinuz-${kernel}`) && files.includes(`config-${kernel}`), files)
  },
  kit: async () => {
    const [nvme, uplink] = args
    const disk = await nvmeDisk(nvme)
    check('the NVMe has a disk', disk !== undefined, disk)
    await makeFileSystem(disk)
    await mountDevice(disk, '/mnt/nvme')
    check('it is mounted', readFileSync('/proc/mounts', 'utf8').includes(`${disk} /mnt/nvme ext4`))
    const name = await setUpDefaultRoute(uplink)
    const { stdout } = await run('ip', ['route'])
    check('the default route is on the uplink', stdout.includes(`default via 10.0.2.2 dev ${name}`), stdout)

    const limited = await run('sleep', ['60'], { timeoutMs: 300 })
    check('a program has a deadline', limited.timedOut && limited.signal === 'SIGKILL', limited)
    const orphan = await run('sh', ['-c', 'sleep 0.2 & echo $!'])
    const pid = orphan.stdout.trim()
    await new Promise((resolve) => setTimeout(resolve, 1000))
    check('an orphan is reaped', !existsSync(`/proc/${pid}`), orphan)

    for (const module of ['kvm', '8021q', 'bonding', 'bridge', 'dm_mod', 'loop', 'md_mod']) {
      const { exitCode, stderr } = await loadModule(module)
      check(`modprobe ${module}`, exitCode === 0, stderr)
    }
    hideModule('vfio-pci')
    check('a hidden module is not loaded', (await loadModule('vfio-pci')).exitCode !== 0)
  },
}
await parts[part]()
finish()

function forever() {
  return new Promise(() => setInterval(() => {}, 1000))
}
