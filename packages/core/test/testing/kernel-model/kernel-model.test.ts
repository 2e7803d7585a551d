import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { HandOrder } from '../../../src/contract/hand.js'
import { readDeviceUses, readPciDevices } from '../../../src/inventory/index.js'
import { createKernelModel, type KernelModel, standardAddresses, standardMachine } from '../../../src/testing/index.js'

const { nic, nicAudio, nvme, physicalFunction, pciBridge, ungrouped } = standardAddresses
const DRIVERS = '/sys/bus/pci/drivers'

function machine(options: Parameters<typeof standardMachine>[0] = { vfio: 'loaded' }): KernelModel {
  return createKernelModel(standardMachine(options))
}

function overridePath(address: string): string {
  return `/sys/bus/pci/devices/${address}/driver_override`
}

/** Hands a device to vfio-pci in the recommended order. */
function toVfio(model: KernelModel, address: string, driver: string): void {
  expect(model.write(overridePath(address), 'vfio-pci')).toBe('ok')
  expect(model.write(`${DRIVERS}/${driver}/unbind`, address)).toBe('ok')
  expect(model.write(`${DRIVERS}/vfio-pci/bind`, address)).toBe('ok')
}

function order(path: string, value: string): HandOrder {
  return { kind: 'write-attribute', path, value }
}

describe('the kernel model as a host', () => {
  it('shows devices the way sysfs does', async () => {
    const { host } = machine()
    const device = `/sys/bus/pci/devices/${nic}`
    expect(await host.readLink(device)).toEqual({ value: `/sys/devices/pci0000:00/0000:00:02.0/${nic}` })
    expect(await host.readLink(`${device}/driver`)).toEqual({ value: `${DRIVERS}/e1000e` })
    expect(await host.readLink(`${DRIVERS}/e1000e/module`)).toEqual({ value: '/sys/module/e1000e' })
    expect(await host.readLink(`${device}/iommu_group`)).toEqual({ value: '/sys/kernel/iommu_groups/9' })
    expect(await host.list('/sys/kernel/iommu_groups/9/devices')).toEqual({ value: [nic, nicAudio] })
    expect(await host.readText(`${device}/vendor`)).toEqual({ value: '0x8086\n' })
    expect(await host.readText(`${device}/driver_override`)).toEqual({ value: '(null)\n' })
    expect(await host.readText(`${DRIVERS}/e1000e/bind`)).toEqual({ unreadable: 'denied' })
    expect(await host.readText('/sys/nothing')).toEqual({})
    expect(await host.list('/sys/class/iommu')).toEqual({ value: ['dmar0'] })
    expect((await host.readText('/proc/modules')).value).toMatch(/^vfio_pci 16384 0 - Live 0x0000000000000000$/m)
    expect(await host.list('/sys/class/net')).toEqual({ value: ['eth0'] })
  })

  it('has the root bus of a controller with a domain of its own below the controller', async () => {
    const controller = { address: '0000:00:0e.0', vendor: '8086', device: '9a0b', class: '010400' }
    const [parent, rootBus] = [controller.address, '10000:e0']
    const behind = { address: '10000:e0:06.0', parent, rootBus, vendor: '8086', device: '9a09', class: '010802' }
    const { host } = createKernelModel(standardMachine({ devices: [controller, behind] }))
    expect(await host.readLink('/sys/bus/pci/devices/10000:e0:06.0')).toEqual({
      value: '/sys/devices/pci0000:00/0000:00:0e.0/pci10000:e0/10000:e0:06.0',
    })
  })

  it('loses what belongs to a driver while it is unbound, and gets it back', async () => {
    const model = machine()
    const before = model.snapshot()
    expect(model.write(`${DRIVERS}/e1000e/unbind`, nic)).toBe('ok')
    expect(await model.host.exists('/sys/class/net/eth0')).toBe(false)
    expect(model.write(`${DRIVERS}/e1000e/bind`, nic)).toBe('ok')
    expect(model.snapshot()).toEqual(before)
  })
})

describe('refusals of the kernel model', () => {
  it.each([
    ['a bridge', pciBridge, undefined],
    ['a device without a group', ungrouped, 'e1000e'],
  ])('vfio-pci does not take %s, and drivers_probe says ok all the same', (_, address, driver) => {
    const model = machine()
    model.write(overridePath(address), 'vfio-pci')
    if (driver !== undefined) model.write(`${DRIVERS}/${driver}/unbind`, address)
    expect(model.write(`${DRIVERS}/vfio-pci/bind`, address)).toBe('EINVAL')
    expect(model.write('/sys/bus/pci/drivers_probe', address)).toBe('ok')
    expect(model.devices()[address]?.driver).toBeNull()
  })

  it('vfio-pci does not take a physical function that has virtual ones', async () => {
    const model = machine()
    const numvfs = `/sys/bus/pci/devices/${physicalFunction}/sriov_numvfs`
    expect(model.write(numvfs, '3')).toBe('ERANGE')
    expect(model.write(numvfs, '2')).toBe('ok')
    expect(model.write(numvfs, '1')).toBe('EBUSY')
    expect(Object.keys(model.devices())).toEqual(expect.arrayContaining([...standardAddresses.virtualFunctions]))
    model.write(overridePath(physicalFunction), 'vfio-pci')
    model.write(`${DRIVERS}/nvme/unbind`, physicalFunction)
    expect(model.write(`${DRIVERS}/vfio-pci/bind`, physicalFunction)).toBe('EBUSY')
  })

  it('lets nothing be created or removed in kernel file systems', async () => {
    const model = machine()
    const hand = await model.machine.startHand()
    const errnoOf = async (given: HandOrder) => {
      const answer = await hand.perform(given, 1)
      return answer.outcome === 'failed' ? answer.errno : answer.outcome
    }
    expect(await errnoOf({ kind: 'write-file', path: '/sys/x', base64: '', mode: 0o644 })).toBe('EACCES')
    expect(await errnoOf({ kind: 'create-directory', path: '/sys/kernel/x', mode: 0o755 })).toBe('EPERM')
    expect(await errnoOf({ kind: 'remove-file', path: `${DRIVERS}/nvme/bind` })).toBe('EPERM')
    expect(await errnoOf(order('/sys/nothing', '1'))).toBe('ENOENT')
    expect(await errnoOf(order(`/sys/bus/pci/devices/${nic}/vendor`, '1'))).toBe('EACCES')
    expect(await errnoOf(order('/sys', '1'))).toBe('EISDIR')
  })

  it('throws when its spec contradicts itself', () => {
    expect(() =>
      createKernelModel({
        devices: [{ address: nic, vendor: '8086', device: '10d3', class: '020000', driver: 'e1000e' }],
      }),
    ).toThrow('cannot be bound to e1000e at boot')
  })
})

describe('a device that a virtual machine holds', () => {
  it('is shown as used by a virtual machine, until that lets go', async () => {
    const model = machine()
    toVfio(model, nvme, 'nvme')
    const kinds = async () => {
      const devices = (await readPciDevices(model.host)).filter((device) => device.address === nvme)
      const uses = await readDeviceUses(model.host, model.machine.query, devices)
      return [...uses.values()].flat().map(({ kind }) => kind)
    }
    expect(await kinds()).toEqual([])
    const hold = model.holdDevice(nvme)
    expect(await kinds()).toEqual(['virtual-machine'])
    hold.release()
    expect(await kinds()).toEqual([])
  })

  it('blocks its unbind, looks unbound meanwhile, and keeps the killed hand alive until it lets go', async () => {
    const model = machine()
    toVfio(model, nvme, 'nvme')
    const hold = model.holdDevice(nvme)
    const { machine: first } = model
    const hand = await first.startHand()
    expect(await hand.perform(order(`${DRIVERS}/vfio-pci/unbind`, nvme), 1)).toEqual({ outcome: 'hung' })
    expect(hand.spent).toBe(true)
    expect(await model.host.exists(`/sys/bus/pci/devices/${nvme}/driver`)).toBe(false)
    expect(await model.host.readText(overridePath(nvme))).toEqual({ unreadable: 'timeout' })
    expect(model.read(overridePath(nvme))).toBeUndefined()
    expect(model.write('/sys/bus/pci/drivers_probe', nvme)).toBe('ok')
    model.killHand()
    expect(await first.isAlive(hand)).toBe(true)
    expect(await hand.perform(order(overridePath(nic), 'x'), 1)).toMatchObject({ errno: 'EHAND' })
    hold.release()
    expect(await first.isAlive(hand)).toBe(false)
    expect(model.devices()[nvme]).toEqual({ driver: null, override: 'vfio-pci' })
  })

  it('leaves its override readable on 6.12', async () => {
    const model = machine({ vfio: 'loaded', personality: '6.12' })
    toVfio(model, nvme, 'nvme')
    model.holdDevice(nvme)
    expect(model.write(`${DRIVERS}/vfio-pci/unbind`, nvme)).toBe('hangs')
    expect(await model.host.readText(overridePath(nvme))).toEqual({ value: 'vfio-pci\n' })
    expect(model.write(overridePath(nvme), 'nvme')).toBe('ok')
  })

  it('lets writes that waited for it happen when it lets go, in their order', () => {
    const model = machine()
    toVfio(model, nvme, 'nvme')
    const hold = model.holdDevice(nvme)
    expect(model.write(`${DRIVERS}/vfio-pci/unbind`, nvme)).toBe('hangs')
    expect(model.write(overridePath(nvme), 'nvme')).toBe('hangs')
    expect(model.write(overridePath(nvme), '\n')).toBe('hangs')
    hold.release()
    expect(model.devices()[nvme]).toEqual({ driver: null, override: null })
  })

  it('answers within the deadline when it lets go in time', async () => {
    const model = machine({ vfio: 'loaded', hangs: 'after-deadline' })
    toVfio(model, nvme, 'nvme')
    const hold = model.holdDevice(nvme)
    const hand = await model.machine.startHand()
    const answer = hand.perform(order(`${DRIVERS}/vfio-pci/unbind`, nvme), 20_000)
    setTimeout(() => hold.release(), 5)
    expect(await answer).toEqual({ outcome: 'done' })
  })

  it('owns its group: no host driver gets in, and it is not given to a second user', async () => {
    const model = machine()
    toVfio(model, nic, 'e1000e')
    expect(() => model.holdDevice(nic)).toThrow(/EPERM.*is not viable/)
    model.write(`${DRIVERS}/snd_hda_intel/unbind`, nicAudio)
    const hold = model.holdDevice(nic)
    expect(() => model.holdGroup('9')).toThrow('EBUSY')
    expect(model.write(`${DRIVERS}/snd_hda_intel/bind`, nicAudio)).toBe('EBUSY')
    expect(model.write('/sys/bus/pci/drivers_probe', nicAudio)).toBe('EINVAL')
    const node = (await model.host.stat('/dev/vfio/9')).value?.device ?? ''
    expect(await model.query('descriptor-holders', { devices: [node] })).toMatchObject({
      holders: [{ path: '/dev/vfio/9' }],
    })
    hold.release()
    expect(model.write('/sys/bus/pci/drivers_probe', nicAudio)).toBe('ok')
    expect(model.devices()[nicAudio]?.driver).toBe('snd_hda_intel')
  })

  it('keeps its module from being unloaded', () => {
    const model = machine()
    toVfio(model, nvme, 'nvme')
    const hold = model.holdDevice(nvme)
    expect(model.unloadModule('vfio-pci')).toBe('EAGAIN')
    hold.release()
    expect(model.unloadModule('vfio-pci')).toBe('ok')
    expect(model.devices()[nvme]).toEqual({ driver: null, override: 'vfio-pci' })
  })
})

describe('kernel modules of the model', () => {
  it('come with what they depend on, and go with it only by modprobe -r', () => {
    const model = machine({})
    const before = model.snapshot()
    expect(model.loadModule('vfio-pci')).toBe('ok')
    expect(model.unloadModule('vfio_pci_core')).toBe('EAGAIN')
    expect(model.unloadModule('vfio-pci', { dependencies: true })).toBe('ok')
    expect(model.snapshot()).toEqual(before)
    model.loadModule('vfio-pci')
    model.unloadModule('vfio-pci')
    expect(model.snapshot().modules).toContain('vfio_pci_core')
    expect(model.loadModule('no-such-module')).toBe('ENOENT')
    expect(model.unloadModule('pcieportdrv')).toBe('ENOENT')
  })
})

describe('a process over the model', () => {
  it.each(['before', 'after'] as const)(
    'dies %s an order: it never gets an answer, its successor works on',
    async (moment) => {
      const model = machine()
      const { machine: doomed } = model
      const hand = await doomed.startHand()
      const crash = model.crashAfter(2, moment)
      await hand.perform(order(overridePath(nic), 'first'), 1)
      let answered = false
      void hand.perform(order(overridePath(nic), 'second'), 1).then(() => {
        answered = true
      })
      await crash
      void doomed.host.readText('/proc/modules').then(() => {
        answered = true
      })
      const { machine: successor } = model
      expect(successor).not.toBe(doomed)
      expect(await successor.isAlive(hand)).toBe(false)
      expect(await successor.host.readText(overridePath(nic))).toEqual({
        value: moment === 'before' ? 'first\n' : 'second\n',
      })
      expect(answered).toBe(false)
    },
  )

  it('leaves a hand behind that is in the kernel', async () => {
    const model = machine()
    toVfio(model, nvme, 'nvme')
    const hold = model.holdDevice(nvme)
    const hand = await model.machine.startHand()
    const crash = model.crashAfter(1)
    void hand.perform(order(`${DRIVERS}/vfio-pci/unbind`, nvme), 1)
    await crash
    expect(await model.machine.isAlive(hand)).toBe(true)
    expect(await model.machine.isAlive({ ...hand, pid: hand.pid, startTime: '0' })).toBe(false)
    hold.release()
    expect(await model.machine.isAlive(hand)).toBe(false)
  })

  it('has orders fail as the test says, once, and tells of each before it is carried out', async () => {
    const model = machine()
    const hand = await model.machine.startHand()
    const seen: string[] = []
    model.onOrder((given, number) => seen.push(`${number} ${given.kind}`))
    model.failNext(/driver_override$/, 'EIO')
    expect(await hand.perform(order(overridePath(nic), 'x'), 1)).toMatchObject({ outcome: 'failed', errno: 'EIO' })
    expect(await hand.perform(order(overridePath(nic), 'x'), 1)).toEqual({ outcome: 'done' })
    expect(seen).toEqual(['1 write-attribute', '2 write-attribute'])
    model.failNext('module:vfio-pci', 'EPERM')
    expect(await hand.perform({ kind: 'load-kernel-module', name: 'vfio-pci', parameters: {} }, 1)).toMatchObject({
      errno: 'EPERM',
    })
  })

  it('runs the commands that the test gives it, and knows no others', async () => {
    const model = machine()
    const hand = await model.machine.startHand()
    const command = (name: string): HandOrder => ({
      kind: 'run-command',
      command: name,
      args: ['-u'],
      env: {},
      timeout: 1,
    })
    model.onCommand('update-initramfs', ({ args }) => {
      model.put({ '/boot/initrd': args.join(' ') })
      return { outcome: 'done' }
    })
    expect(await hand.perform(command('update-initramfs'), 1)).toEqual({ outcome: 'done' })
    expect(await model.host.readText('/boot/initrd')).toEqual({ value: '-u' })
    expect(await hand.perform(command('dracut'), 1)).toMatchObject({ errno: 'ENOENT' })
  })

  it('sees devices come, go, and be replaced', async () => {
    const model = machine()
    model.unplug(nvme)
    expect(await model.host.exists(`/sys/bus/pci/devices/${nvme}`)).toBe(false)
    const spec = { address: nvme, vendor: '8086', device: '10d3', class: '020000', parent: '0000:00:02.1', group: '10' }
    model.plug(spec)
    expect(model.devices()[nvme]).toEqual({ driver: 'e1000e', override: null })
    model.replace({ ...spec, vendor: '1b36', device: '0010', class: '010802' })
    expect(model.devices()[nvme]?.driver).toBe('nvme')
  })
})

describe('the kernel model under any sequence of writes', () => {
  const addresses = [nic, nicAudio, nvme, pciBridge, ungrouped, physicalFunction]
  const drivers = ['e1000e', 'snd_hda_intel', 'nvme', 'vfio-pci', 'pcieport']
  const address = fc.constantFrom(...addresses)
  const driver = fc.constantFrom(...drivers)
  const step = fc.oneof(
    fc.tuple(fc.constant('override'), address, fc.oneof(driver, fc.constantFrom('\n', '', 'none', ' vfio-pci'))),
    fc.tuple(fc.constantFrom('bind', 'unbind'), address, driver),
    fc.tuple(fc.constantFrom('probe', 'hold', 'release'), address, fc.constant('')),
    fc.tuple(fc.constantFrom('load', 'unload'), address, driver),
  )

  it('never shows one driver in two places, nor a link without its other end', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const model = machine()
        const holds: { release(): void }[] = []
        for (const [kind, at, text] of steps) {
          if (kind === 'override') model.write(overridePath(at), text)
          else if (kind === 'probe') model.write('/sys/bus/pci/drivers_probe', at)
          else if (kind === 'load') model.loadModule(text)
          else if (kind === 'unload') model.unloadModule(text)
          else if (kind === 'release') holds.pop()?.release()
          else if (kind === 'hold') holds.push(...attempt(() => model.holdDevice(at)))
          else model.write(`${DRIVERS}/${text}/${kind}`, at)
          requireConsistent(model)
        }
        for (const hold of holds) hold.release()
        requireConsistent(model)
        for (const at of addresses) expect(model.read(overridePath(at))).toBeDefined()
      }),
      { numRuns: 40 },
    )
  })

  function attempt<Value>(work: () => Value): Value[] {
    try {
      return [work()]
    } catch {
      return []
    }
  }

  function requireConsistent(model: KernelModel): void {
    const { paths } = model.snapshot()
    const upward = Object.keys(paths).flatMap((path) => {
      const match = /\/([^/]+)\/driver$/.exec(path)
      const name = match === null ? undefined : paths[path]?.split('/').at(-1)
      return name === undefined ? [] : [`${name}/${match?.[1]}`]
    })
    const downward = Object.keys(paths).flatMap((path) => {
      const match = /^\/sys\/bus\/pci\/drivers\/([^/]+\/\d{4}:.*)$/.exec(path)
      return match === null ? [] : [match[1]]
    })
    expect(upward.sort()).toEqual(downward.sort())
  }
})
