import { existsSync, mkdirSync } from 'node:fs'
import { janus, janusJson, run, start, waitFor } from '../kit.mjs'

/** After this a tool that does not come back is killed. */
const TIMEOUT = 40_000

/**
 * The tools that are compared. Each binds a device to vfio-pci and gives it back the way its documentation says,
 * without any option that overrides a safety check. `version()` is undefined where the tool is not installed.
 */
export const tools = {
  janus: {
    name: 'janus',
    version: async () => (await janusJson('--version')).document?.data?.cli,
    bind: (address) => janus('bind', '--device', address, '--apply', '--yes'),
    giveBack: () => janus('bind', '--rollback', '--yes'),
    settle: () => janus('rollback', '--last', '--yes'),
  },
  driverctl: {
    name: 'driverctl',
    version: () => packageVersion('driverctl', '/usr/sbin/driverctl'),
    bind: (address) => call('driverctl', ['--nosave', 'set-override', address, 'vfio-pci']),
    giveBack: (address) => call('driverctl', ['--nosave', 'unset-override', address]),
  },
  virsh: {
    name: 'virsh',
    version: () => packageVersion('libvirt-daemon', '/usr/sbin/libvirtd'),
    start: startLibvirt,
    bind: (address) => virsh('nodedev-detach', address),
    giveBack: (address) => virsh('nodedev-reattach', address),
  },
  devbind: {
    name: 'devbind',
    version: () => packageVersion('dpdk', '/usr/bin/dpdk-devbind.py'),
    // It loads nothing by itself and asks for the driver first.
    async bind(address) {
      const loaded = await call('modprobe', ['vfio-pci'])
      return loaded.exitCode === 0 ? call('dpdk-devbind.py', ['-b', 'vfio-pci', address]) : loaded
    },
    giveBack: (address, home) => call('dpdk-devbind.py', ['-b', home ?? 'none', address]),
  },
}

function call(command, args) {
  return run(command, args, { timeoutMs: TIMEOUT })
}

function virsh(command, address) {
  return call('virsh', ['-c', 'qemu:///system', command, `pci_${address.replaceAll(/[:.]/g, '_')}`])
}

async function packageVersion(name, program) {
  if (!existsSync(program)) return undefined
  const { exitCode, stdout } = await run('dpkg-query', ['-W', name])
  return exitCode === 0 ? stdout.trim().split('\t').at(-1) : 'unknown'
}

/** The daemon and what it learns of devices through, as after a boot. */
async function startLibvirt() {
  mkdirSync('/run/libvirt', { recursive: true })
  await run('/lib/systemd/systemd-udevd', ['--daemon'])
  await run('udevadm', ['settle', '--timeout=20'])
  start('libvirtd', ['--verbose'], { timeoutMs: 3_600_000 })
  const answers = async () =>
    (await call('virsh', ['-c', 'qemu:///system', 'nodedev-list', '--cap', 'pci'])).exitCode === 0
  if (!(await waitFor(answers, { timeoutMs: 60_000, everyMs: 500 }))) throw new Error('libvirtd does not answer')
}
