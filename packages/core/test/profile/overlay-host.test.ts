import type { Change, Host } from '@janus/core'
import { createKernelModel, type KernelModel, standardAddresses, standardMachine } from '@janus/core/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createOverlay } from '../../src/profile/overlay/overlay-host.js'
import { bindingChanges } from '../transaction/binding-changes.js'
import { createProfileBench } from './profile-bench.js'

const { nic, nicAudio, nvme, physicalFunction, virtualFunctions } = standardAddresses

async function laidOver(host: Host, changes: readonly Change[]): Promise<Host> {
  const overlay = createOverlay(host)
  for (const change of changes) await overlay.lay(change)
  return overlay.host()
}

const common = { scope: 'persistent', why: 'test' } as const
const write = (path: string, text: string): Change => ({
  ...common,
  kind: 'write-file',
  path,
  content: { text },
  mode: 0o640,
})

describe('a host with changes laid over it', () => {
  const model = (files = {}): KernelModel => createKernelModel(standardMachine({ files }))

  it('is the host itself before anything is laid', () => {
    const { host } = model()
    expect(createOverlay(host).host()).toBe(host)
  })

  it('shows a file in its folder, with its bytes, mode and owner, and what lies beside it as it is', async () => {
    const host = await laidOver(model({ '/etc/old': 'old' }).host, [
      { ...common, kind: 'create-directory', path: '/etc/new', mode: 0o750 },
      write('/etc/new/file', 'text'),
    ])
    expect(await host.readText('/etc/new/file')).toEqual({ value: 'text' })
    expect(await host.stat('/etc/new/file')).toEqual({ value: { type: 'file', mode: 0o640, uid: 0, gid: 0, size: 4 } })
    expect((await host.list('/etc')).value).toEqual(expect.arrayContaining(['fstab', 'new', 'old']))
    expect((await host.list('/etc/new')).value).toEqual(['file'])
    expect(await host.exists('/etc/new/other')).toBe(false)
    expect(await host.readText('/etc/new/other/deeper')).toEqual({})
  })

  it('no longer shows what was removed, nor what it led to', async () => {
    const host = await laidOver(model({ '/etc/dir/file': 'x' }).host, [
      { ...common, kind: 'remove-file', path: '/etc/dir/file' },
      { ...common, kind: 'remove-directory', path: '/etc/dir', mode: 0o755 },
    ])
    expect(await host.exists('/etc/dir')).toBe(false)
    expect(await host.readText('/etc/dir/file')).toEqual({})
    expect((await host.list('/etc')).value).not.toContain('dir')
  })

  it('follows links that are laid, into what is laid and into the host', async () => {
    const host = await laidOver(model({ '/etc/dir/file': 'below' }).host, [
      { ...common, kind: 'write-link', path: '/etc/link', target: 'dir' },
      write('/etc/link/laid', 'above'),
    ])
    expect(await host.readText('/etc/link/file')).toEqual({ value: 'below' })
    expect(await host.readText('/etc/dir/laid')).toEqual({ value: 'above' })
    expect(await host.readLink('/etc/link')).toEqual({ value: '/etc/dir' })
    expect(await host.readLinkText('/etc/link')).toEqual({ value: 'dir' })
  })

  it('does not follow links in circles', async () => {
    const host = await laidOver(model().host, [
      { ...common, kind: 'write-link', path: '/etc/a', target: 'b' },
      { ...common, kind: 'write-link', path: '/etc/b', target: 'a' },
    ])
    expect(await host.readText('/etc/a/x')).toEqual({ unreadable: 'error' })
    expect(await host.exists('/etc/a')).toBe(false)
  })

  it('says of what a program will write that it is planned, and remembers who asked', async () => {
    const overlay = createOverlay(model({ '/etc/index': 'old' }).host)
    const outputs = ['/etc/index']
    await overlay.lay({ ...common, kind: 'run-command', command: '/bin/x', args: [], timeout: 1, outputs })
    expect(await overlay.host().readText('/etc/index')).toEqual({ unreadable: 'planned' })
    expect(overlay.takePendingReads()).toEqual([{ path: '/etc/index', by: 'program' }])
    expect(overlay.takePendingReads()).toEqual([])
  })

  it('says of what a program will rewrite that it is there, in its folder too, and of what it may make not', async () => {
    const overlay = createOverlay(model({ '/etc/index': 'old' }).host)
    const outputs = ['/etc/index', '/etc/made', '/etc/perhaps']
    const verify = [{ kind: 'contains', path: '/etc/made', value: 'x' }] as const
    await overlay.lay({ ...common, kind: 'run-command', command: '/bin/x', args: [], timeout: 1, outputs, verify })
    const host = overlay.host()
    expect(await Promise.all(outputs.map((path) => host.exists(path)))).toEqual([true, true, false])
    expect(overlay.takePendingReads()).toEqual([{ path: '/etc/perhaps', by: 'program' }])
    expect((await host.list('/etc')).value).toEqual(expect.arrayContaining(['index', 'made']))
    expect((await host.list('/etc')).value).not.toContain('perhaps')
  })

  it('shows a command line as grubby will write it, and does not pretend to know the bytes of the file', async () => {
    const entry = '/boot/loader/entries/a.conf'
    const text = 'title A\nlinux /a\noptions root=a quiet -- x\noptions iommu=off\n'
    const overlay = createOverlay(model({ [entry]: text, '/etc/default/grub': 'A=1\n' }).host)
    const args = ['--update-kernel=ALL', '--remove-args=iommu=off', '--args=iommu=pt quiet']
    const outputs = [entry, '/etc/default/grub']
    await overlay.lay({ ...common, kind: 'run-command', command: '/usr/sbin/grubby', args, timeout: 1, outputs })
    const host = overlay.host()
    expect((await host.readText(entry)).value).toBe(
      'title A\nlinux /a\noptions \noptions root=a quiet -- x iommu=off iommu=pt\n',
    )
    expect(await host.readText('/etc/default/grub')).toEqual({ value: 'A=1\n' })
    expect(overlay.takePendingReads()).toEqual([])
    expect(await host.stat(entry)).toEqual({ unreadable: 'planned' })
    expect(await host.readPieces(entry)).toEqual({ unreadable: 'planned' })
    expect(overlay.takePendingReads()).toEqual([{ path: entry, by: 'program' }])
  })

  it('shows the choice of a selector in brackets', async () => {
    const path = '/sys/kernel/mm/transparent_hugepage/enabled'
    const change: Change = { scope: 'runtime', why: 'test', kind: 'write-attribute', path, value: 'never' }
    expect(await (await laidOver(model().host, [change])).readText(path)).toEqual({ value: 'always madvise [never]\n' })
  })

  it('shows a device under every name with the driver that an order gives it', async () => {
    const { host } = model()
    const laid = await laidOver(host, bindingChanges(nvme, { driver: 'nvme', module: 'nvme' }))
    const location = (await host.readLink(`/sys/bus/pci/devices/${nvme}`)).value
    for (const path of [`/sys/bus/pci/devices/${nvme}`, location]) {
      expect(await laid.readLink(`${path}/driver`)).toEqual({ value: '/sys/bus/pci/drivers/vfio-pci' })
      expect(await laid.readText(`${path}/driver_override`)).toEqual({ value: 'vfio-pci\n' })
    }
    expect((await laid.list('/sys/bus/pci/drivers/nvme')).value).not.toContain(nvme)
    expect(await laid.exists('/sys/module/vfio_pci')).toBe(true)
    expect((await laid.readText('/proc/modules')).value).toContain('vfio_pci ')
  })

  it('shows no virtual functions once they are turned off', async () => {
    const kernel = model()
    const path = `/sys/bus/pci/devices/${physicalFunction}/sriov_numvfs`
    expect(kernel.write(path, '2')).toBe('ok')
    const change: Change = { scope: 'runtime', why: 'test', kind: 'write-attribute', path, value: '0' }
    const laid = await laidOver(kernel.host, [change])
    expect((await laid.list('/sys/bus/pci/devices')).value).not.toContain(virtualFunctions[0])
    expect(await laid.exists(`/sys/bus/pci/devices/${virtualFunctions[0]}/vendor`)).toBe(false)
    expect(await laid.exists(`/sys/bus/pci/devices/${physicalFunction}/virtfn0`)).toBe(false)
  })
})

const line = fc.constantFrom('one', 'two', 'three')
const entries = fc.oneof(
  fc.record({ module: fc.constant('test-pages'), options: fc.record({ more: fc.integer({ min: 0, max: 40 }) }) }),
  fc.record({ module: fc.constant('test-bind'), options: fc.record({ device: fc.constantFrom(nic, nicAudio, nvme) }) }),
  fc.record({
    module: fc.constant('test-lines'),
    options: fc.record({ file: fc.constantFrom('/etc/lines', '/etc/others'), line, index: fc.constant(false) }),
  }),
)

describe('planning over changes that are laid', () => {
  it('gives what planning over the same changes that were made gives', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(entries, { minLength: 2, maxLength: 5 }), async (modules) => {
        const bench = createProfileBench({ '/etc/lines': 'zero\n' })
        try {
          const together = await bench.planStage(bench.rest(modules))
          const alone = []
          for (const entry of modules) {
            const { plan } = await bench.planStage(bench.rest([entry]))
            alone.push(...plan.changes)
            await bench.transactions.apply(plan)
          }
          expect(together.plan.changes).toEqual(alone)
        } finally {
          bench.close()
        }
      }),
      { numRuns: 15 },
    )
  }, 300_000)
})
