import { createKernelModel, type FirmwareConsoleSpec, standardAddresses, standardMachine } from '@janus/core/testing'
import { describe, expect, it } from 'vitest'

const { nic, nvme } = standardAddresses
const UNBIND = '/sys/bus/platform/drivers/vesa-framebuffer/unbind'
const BIND = '/sys/bus/platform/drivers/vesa-framebuffer/bind'
const INSTANCE = 'vesa-framebuffer.0'
const consoleBind = (number: number) => `/sys/class/vtconsole/vtcon${number}/bind`

// Measured on 6.1.0-56-amd64 in the lab; the scenario gpu-runtime walks through the same on the real kernel.
describe('reset methods of the kernel model', () => {
  it('read as they were written last, in that order, and default brings all back', () => {
    const model = createKernelModel(standardMachine())
    const path = `/sys/bus/pci/devices/${nvme}/reset_method`
    for (const [written, read] of [
      ['bus flr', 'bus flr\n'],
      ['bus  flr', 'bus flr\n'],
      [' flr', 'flr\n'],
      ['', 'flr\n'],
      ['default', 'flr bus\n'],
      ['\n', ''],
      ['flr bus', 'flr bus\n'],
    ] as const) {
      expect(model.write(path, written), JSON.stringify(written)).toBe('ok')
      expect(model.read(path), JSON.stringify(written)).toEqual({ value: read })
    }
    expect(model.write(path, 'default flr')).toBe('EINVAL')
  })

  it('hold bus only until it is written, where another function shares the bus', () => {
    const model = createKernelModel(standardMachine())
    const path = `/sys/bus/pci/devices/${nic}/reset_method`
    expect(model.read(path)).toEqual({ value: 'pm bus\n' })
    expect(model.write(path, 'pm bus')).toBe('EINVAL')
    expect(model.write(path, 'default')).toBe('ok')
    expect(model.read(path)).toEqual({ value: 'pm\n' })
  })
})

describe('power attributes of the kernel model', () => {
  it('take any number for D3cold and read it as 0 or 1, and only two words for control', () => {
    const model = createKernelModel(standardMachine())
    const cold = `/sys/bus/pci/devices/${nvme}/d3cold_allowed`
    expect(['0', '2', 'y', '-1'].map((text) => model.write(cold, text))).toEqual(['ok', 'ok', 'EINVAL', 'EINVAL'])
    expect(model.read(cold)).toEqual({ value: '1\n' })
    const control = `/sys/bus/pci/devices/${nvme}/power/control`
    expect(['auto', 'AUTO', 'on'].map((text) => model.write(control, text))).toEqual(['ok', 'EINVAL', 'ok'])
  })
})

describe('the console of the firmware in the kernel model', () => {
  it('gives the consoles to the one that the kernel started with, which gives nothing back by itself', () => {
    const model = withConsole()
    expect(consoles(model)).toEqual(['0\n', '1\n'])
    expect(model.write(consoleBind(1), '0')).toBe('ok')
    expect(consoles(model)).toEqual(['1\n', '0\n'])
    expect(model.write(consoleBind(1), '1')).toBe('ok')
    expect(model.write(consoleBind(0), '0')).toBe('ok')
    expect(consoles(model)).toEqual(['0\n', '1\n'])
  })

  it('goes with its framebuffer, and takes over when the framebuffer comes back', () => {
    const model = withConsole()
    expect(model.write(UNBIND, INSTANCE)).toBe('ok')
    expect(model.write(UNBIND, INSTANCE)).toBe('ENODEV')
    expect(model.read('/proc/fb')).toEqual({ value: '' })
    expect(model.read(consoleBind(1))).toEqual({ errno: 'ENOENT' })
    expect(model.write(BIND, INSTANCE)).toBe('ok')
    expect(consoles(model)).toEqual(['0\n', '1\n'])
    expect(model.read('/proc/fb')).toEqual({ value: '0 VESA VGA\n' })
  })

  it('may not come back', () => {
    const model = withConsole({ rebind: 'EBUSY' })
    model.write(UNBIND, INSTANCE)
    expect(model.write(BIND, INSTANCE)).toBe('EBUSY')
  })
})

function withConsole(more: Partial<FirmwareConsoleSpec> = {}) {
  const console = { driver: 'vesa-framebuffer', device: nvme, owner: 'vesafb', name: 'VESA VGA', ...more } as const
  return createKernelModel({ ...standardMachine(), firmwareConsole: console })
}

function consoles(model: ReturnType<typeof withConsole>) {
  return [0, 1].map((number) => {
    const answer = model.read(consoleBind(number))
    return answer !== undefined && 'value' in answer ? answer.value : answer
  })
}
