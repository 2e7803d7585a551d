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

  it.each([
    ['/proc/irq/24/smp_affinity_list', '0,1,2,5\n', '0-2,5'],
    ['/proc/irq/24/smp_affinity_list', '3,1-2', '1-3'],
    ['/sys/fs/cgroup/janus.slice/cpuset.cpus', '2,3\n', '2-3'],
    ['/sys/fs/cgroup/janus.slice/cpuset.cpus.exclusive.effective', '2,3\n', '2-3'],
    ['/sys/fs/cgroup/cpuset.mems.effective', '0,1', '0-1'],
    ['/sys/fs/cgroup/cpuset.cpus', '\n', ''],
    ['/sys/fs/cgroup/cpuset.cpus.partition', 'isolated invalid (Cpu list in cpuset.cpus not exclusive)\n', undefined],
    ['/proc/irq/24/smp_affinity_list', 'no list', 'no list'],
  ])('compares lists of processors in the form the kernel prints: %s %j', (path, value, form = value.trimEnd()) => {
    expect(comparableValue(path, value)).toBe(form)
  })

  it.each([
    ['00000000,0000000f\n', 'f'],
    ['F', 'f'],
    ['00000001,00000000\n', '1,00000000'],
    ['ffffffff,ffffffff', 'ffffffff,ffffffff'],
    ['0', '0'],
    ['xyz', 'xyz'],
  ])('compares masks of processors without their padding: %j', (value, form) => {
    expect(comparableValue('/proc/irq/default_smp_affinity', value)).toBe(form)
    expect(writableValue('/proc/irq/default_smp_affinity', form)).toBe(form)
  })

  it('takes 1 and Y of a parameter of KVM for the same, and no other number', () => {
    const nested = '/sys/module/kvm_amd/parameters/nested'
    expect([comparableValue(nested, '1\n'), comparableValue(nested, 'Y\n')]).toEqual(['Y', 'Y'])
    expect([comparableValue(nested, '0'), comparableValue(nested, 'N')]).toEqual(['N', 'N'])
    expect(comparableValue('/sys/module/kvm/parameters/halt_poll_ns', '1\n')).toBe('1')
  })

  it('clears a list of processors by a newline', () => {
    expect(writableValue('/sys/fs/cgroup/janus.slice/cpuset.cpus', '')).toBe('\n')
  })

  it('tells an order from a value', () => {
    expect(isWriteOnly('/sys/bus/pci/drivers/e1000e/unbind')).toBe(true)
    expect(isWriteOnly(OVERRIDE)).toBe(false)
    expect(isWriteOnly('/sys/fs/cgroup/system.slice/cgroup.procs')).toBe(true)
  })

  it('takes the binding of a console for a value, unlike that of a driver', () => {
    expect(isWriteOnly('/sys/class/vtconsole/vtcon1/bind')).toBe(false)
    expect(isWriteOnly('/sys/devices/virtual/vtconsole/vtcon0/bind')).toBe(false)
  })
})
