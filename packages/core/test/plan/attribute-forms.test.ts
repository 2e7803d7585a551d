import { describe, expect, it } from 'vitest'
import { comparableValue, isWriteOnly, writableValue } from '../../src/plan/attribute-forms.js'

const OVERRIDE = '/sys/bus/pci/devices/0000:01:00.0/driver_override'
const TRANSPARENT = '/sys/kernel/mm/transparent_hugepage/enabled'

describe('the forms of an attribute', () => {
  it('knows that a cleared driver override reads (null), and that only a newline writes it', () => {
    for (const form of ['(null)\n', '\n', '\0', '']) expect(comparableValue(OVERRIDE, form)).toBe('(null)')
    expect(writableValue(OVERRIDE, '(null)')).toBe('\n')
    expect(writableValue(OVERRIDE, 'e1000e')).toBe('e1000e')
  })

  it('keeps a leading space of a driver override, because the kernel does', () => {
    expect(comparableValue(OVERRIDE, ' vfio-pci\n')).toBe(' vfio-pci')
  })

  it('takes the chosen word of a selector', () => {
    expect(comparableValue(TRANSPARENT, 'always [madvise] never\n')).toBe('madvise')
    expect(comparableValue(TRANSPARENT, 'madvise')).toBe('madvise')
  })

  it('leaves brackets elsewhere alone', () => {
    expect(comparableValue('/sys/class/dmi/id/board_name', '[A] B\n')).toBe('[A] B')
  })

  it('tells an order from a value', () => {
    expect(isWriteOnly('/sys/bus/pci/drivers/e1000e/unbind')).toBe(true)
    expect(isWriteOnly(OVERRIDE)).toBe(false)
  })
})
