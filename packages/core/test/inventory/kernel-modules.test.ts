import { describe, expect, test } from 'vitest'
import { createSnapshotHost } from '../../src/host/index.js'
import { findHostModules, findVfioDriver, readKernelModules } from '../../src/inventory/index.js'
import { treeHost } from './support/tree.js'

const RELEASE = { '/proc/sys/kernel/osrelease': '6.1.0-56-amd64\n' } as const
const MODULES = '/lib/modules/6.1.0-56-amd64'

describe('kernel modules', () => {
  const machine = {
    ...RELEASE,
    '/proc/modules': 'vfio_pci 16384 2 - Live 0x0\nkvm_intel 380928 0 - Live 0x0\n',
    '/sys/module/kernel': { directory: true },
    [`${MODULES}/modules.builtin`]: 'kernel/drivers/iommu/iommufd/iommufd.ko\n',
    [`${MODULES}/modules.dep`]:
      'kernel/sound/pci/hda/snd-hda-intel.ko.xz: kernel/sound/x.ko.xz\nkernel/a/vfio-pci-core.ko:\n',
  } as const

  test('stand where their exact names stand: no prefix counts', async () => {
    const modules = await readKernelModules(treeHost(machine))
    const states = [
      'vfio_pci',
      'vfio-pci',
      'vfio',
      'kvm',
      'kvm_intel',
      'iommufd',
      'kernel',
      'snd_hda_intel',
      'x',
      'nosuch',
    ]
    expect(states.map((name) => modules.state(name))).toEqual([
      'loaded',
      'loaded',
      'missing',
      'missing',
      'loaded',
      'built-in',
      'built-in',
      'available',
      'missing',
      'missing',
    ])
    expect(modules.referenceCount('vfio-pci')).toBe(2)
    expect(modules.referenceCount('vfio')).toBeUndefined()
  })

  test('are unknown where a captured host shows nothing', async () => {
    expect((await readKernelModules(treeHost({ '/proc/cpuinfo': '' }))).state('kvm')).toBe('unknown')
    const entries = {
      '/proc/modules': { text: 'kvm 1 0 - Live 0x0\n' },
      '/proc/sys/kernel/osrelease': { text: '6.1\n' },
    }
    const host = createSnapshotHost({
      schema: 'janus.snapshot/1',
      capturedAt: '',
      janusVersion: '',
      masked: true,
      entries,
      queries: {},
    })
    const modules = await readKernelModules(host)
    expect([modules.state('kvm'), modules.state('vfio')]).toEqual(['loaded', 'unknown'])
  })

  test('are missing where the running kernel has no modules any more', async () => {
    const host = treeHost({
      ...RELEASE,
      '/proc/modules': '',
      '/lib/modules/6.1.0-57-amd64/modules.dep': 'vfio-pci.ko:\n',
    })
    expect((await readKernelModules(host)).state('vfio-pci')).toBe('missing')
  })

  test('are not looked for outside of the modules by a hostile release', async () => {
    const host = treeHost({
      '/proc/sys/kernel/osrelease': '../../etc\n',
      '/proc/modules': '',
      '/etc/modules.dep': 'evil.ko:\n',
    })
    expect((await readKernelModules(host)).state('evil')).toBe('unknown')
  })

  test('are forbidden by modprobe configuration and kernel parameters, with the place', async () => {
    const { blacklisted } = await readKernelModules(
      treeHost({
        ...machine,
        '/proc/cmdline': 'quiet modprobe.blacklist=nouveau,radeon module_blacklist=pcspkr\n',
        '/etc/modprobe.d/a.conf':
          '# blacklist nothing\nblacklist snd-hda-intel\n  install vfio_pci /bin/false\ninstall kvm modprobe --ignore-install kvm\n',
        '/etc/modprobe.d/b.txt': 'blacklist kvm\n',
        '/usr/lib/modprobe.d/a.conf': 'blacklist kvm_intel\n',
        '/usr/lib/modprobe.d/c.conf': 'install \\\n ast /usr/bin/true\n',
      }),
    )
    expect(blacklisted('snd_hda_intel')).toBe('/etc/modprobe.d/a.conf:2')
    expect(blacklisted('vfio-pci')).toBe('/etc/modprobe.d/a.conf:3')
    expect(blacklisted('ast')).toBe('/usr/lib/modprobe.d/c.conf:1')
    expect(blacklisted('radeon')).toBe('/proc/cmdline: modprobe.blacklist=nouveau,radeon')
    expect(blacklisted('pcspkr')).toContain('module_blacklist')
    expect([blacklisted('kvm'), blacklisted('kvm_intel'), blacklisted('nothing')]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })
})

describe('the VFIO driver of a device', () => {
  const aliases = [
    'alias vfio_pci:v*d*sv*sd*bc*sc*i* vfio_pci',
    'alias vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i* mlx5_vfio_pci',
    'alias vfio_pci:v000019E5d0000A251sv*sd*bc*sc*i* hisi_acc_vfio_pci',
    'alias pci:v000015B3d0000101Esv*sd*bc*sc*i* mlx5_core',
  ]
  const host = () => treeHost({ ...RELEASE, [`${MODULES}/modules.alias`]: `${aliases.join('\n')}\n` })

  test('is the variant with the fewest wildcards', async () => {
    const modalias = 'pci:v000015B3d0000101Esv000015B3sd00000001bc02sc00i00'
    expect(await findVfioDriver(host(), { modalias })).toEqual({
      driver: 'mlx5_vfio_pci',
      module: 'mlx5_vfio_pci',
      variant: true,
    })
  })

  test('is not always named like its module', async () => {
    const modalias = 'pci:v000019E5d0000A251sv00000000sd00000000bc02sc00i00'
    expect((await findVfioDriver(host(), { modalias })).driver).toBe('hisi-acc-vfio-pci')
    const loaded = treeHost({
      ...RELEASE,
      [`${MODULES}/modules.alias`]: `${aliases.join('\n')}\n`,
      '/sys/module/hisi_acc_vfio_pci/drivers/pci:hisi-other-name': { directory: true },
    })
    expect((await findVfioDriver(loaded, { modalias })).driver).toBe('hisi-other-name')
  })

  test('is vfio-pci for all others', async () => {
    const plain = { driver: 'vfio-pci', module: 'vfio_pci', variant: false }
    expect(await findVfioDriver(host(), { modalias: 'pci:v00008086d000010D3sv00008086sd0000A01Fbc02sc00i00' })).toEqual(
      plain,
    )
    expect(await findVfioDriver(treeHost({}), { modalias: 'pci:v1' })).toEqual(plain)
    expect(await findVfioDriver(host(), {})).toEqual(plain)
  })
})

describe('the modules that are made for a device', () => {
  const audio = 'pci:v000010DEd000010F0sv00001458sd00003701bc04sc03i00'
  const aliases = [
    'alias pci:v000010DEd*sv*sd*bc04sc03i00* snd_hda_intel',
    'alias pci:v*d*sv*sd*bc04sc03i00* other-audio',
    'alias pci:v000010DEd*sv*sd*bc04sc03i00* other_audio',
    'alias pci:v00001002d*sv*sd*bc04sc03i00* amd_audio',
    'alias vfio_pci:v*d*sv*sd*bc*sc*i* vfio_pci',
    'alias hdaudio:v10DE* snd_hda_codec_hdmi',
  ]

  test('are those whose aliases match it; a VFIO driver takes nothing by itself', async () => {
    const host = treeHost({ ...RELEASE, [`${MODULES}/modules.alias`]: `${aliases.join('\n')}\n` })
    expect(await findHostModules(host, { modalias: audio })).toEqual(['other_audio', 'snd_hda_intel'])
    expect(await findHostModules(host, {})).toEqual([])
  })

  test('are none where the host does not show the list', async () => {
    expect(await findHostModules(treeHost(RELEASE), { modalias: audio })).toEqual([])
  })
})
