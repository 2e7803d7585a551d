import { describe, expect, it } from 'vitest'
import type { Condition } from '../../src/contract/change.js'
import { contradictingParameter, describeParameter } from '../../src/transaction/parameter-condition.js'

type ParameterCondition = Extract<Condition, { kind: 'parameter' }>
const condition = (more: Partial<ParameterCondition> = {}): ParameterCondition => {
  return { kind: 'parameter', path: '/f', name: 'iommu', value: 'pt', ...more }
}
const holds = (text: string, more: Partial<ParameterCondition> = {}) =>
  contradictingParameter(text, condition(more)) === undefined

describe('a condition about a parameter', () => {
  it('compares words, on the lines of a menu that start a kernel and nowhere else', () => {
    const menu = (line: string) => `set x=iommu=pt\n# linux /a iommu=pt\nmenuentry a {\n\tlinux\t/vmlinuz ${line}\n}\n`
    expect(holds(menu('ro iommu=pt quiet'), { lines: 'linux' })).toBe(true)
    expect(holds(menu('ro'), { lines: 'linux' })).toBe(false)
    expect(holds(menu('ro intel_iommu=pt xiommu=pt iommu=pt2'), { lines: 'linux' })).toBe(false)
    expect(holds('linuxefi /a iommu=pt\n', { lines: 'linux' })).toBe(true)
    expect(holds('linux16 /a iommu=pt\n', { lines: 'linux' })).toBe(true)
    expect(holds('linux_more /a iommu=pt\n', { lines: 'linux' })).toBe(false)
  })

  it('is met by one of several lines: entries of other systems and for repair have other words', () => {
    const text = 'linux /a iommu=pt\nlinux /a single\nlinux /other iommu=off\n'
    expect(holds(text, { lines: 'linux' })).toBe(true)
    expect(contradictingParameter('linux /a\nlinux /b iommu=off\n', condition({ lines: 'linux' }))).toBe(
      'iommu is "off"',
    )
    expect(holds(text, { lines: 'linux', value: null })).toBe(false)
    expect(holds('linux /a\nlinux /b\n', { lines: 'linux', value: null })).toBe(true)
  })

  it('that asks for the absence of one goes by the first line, behind which those of other systems come', () => {
    expect(holds('linux /a quiet\nlinux /other iommu=pt\n', { lines: 'linux', value: null })).toBe(true)
    expect(holds('linux /a iommu=pt\nlinux /repair single\n', { lines: 'linux', value: null })).toBe(false)
    expect(holds('title x\n', { lines: 'linux', value: null })).toBe(true)
  })

  it('that asks for the absence of a member is met when no word has it', () => {
    const off = { value: null, among: ['off'] }
    expect(holds('iommu=soft,off iommu=pt', off)).toBe(false)
    expect(holds('iommu=soft iommu=pt', off)).toBe(true)
    expect(holds('quiet', off)).toBe(true)
    expect(holds('linux /a iommu=off iommu=pt\n', { ...off, lines: 'linux' })).toBe(false)
  })

  it('counts the first number of a size, as the kernel does', () => {
    const pages = { name: 'hugepages', after: { names: ['hugepagesz', 'default_hugepagesz'], values: ['1G'] } }
    const line = 'hugepagesz=1G hugepages=4 hugepagesz=2M hugepages=8 hugepagesz=1G hugepages=16'
    expect(holds(line, { ...pages, value: '4' })).toBe(true)
    expect(contradictingParameter(line, condition({ ...pages, value: '16' }))).toBe('hugepages is "4"')
    expect(holds('hugepagesz=1G hugepagesz=1G hugepages=4', { ...pages, value: null })).toBe(true)
    expect(holds('default_hugepagesz=1G hugepagesz=1G hugepages=4', { ...pages, value: '4' })).toBe(true)
    expect(holds('default_hugepagesz=1G hugepages=4', { ...pages, value: '4' })).toBe(true)
    expect(holds('hugepagesz=1G hugepagesz=2M default_hugepagesz=1G hugepages=4', { ...pages, value: '4' })).toBe(false)
  })

  it('takes several lines of options for the one that they are to the kernel', () => {
    expect(holds('options iommu=off\noptions iommu=pt\n', { lines: 'options', value: 'off' })).toBe(false)
    expect(holds('options a\noptions iommu=off\n', { lines: 'options', value: null, among: ['off'] })).toBe(false)
  })

  it('reads entries and the environment of GRUB', () => {
    expect(holds('title x\noptions root=a iommu=pt\n', { lines: 'options' })).toBe(true)
    expect(holds('title iommu=pt\noptions root=a\n', { lines: 'options' })).toBe(false)
    expect(holds('# env\nkernelopts=root=a iommu=pt \n', { lines: 'kernelopts' })).toBe(true)
  })

  it('counts the last of the members that it names, over all words', () => {
    const among = ['pt', 'nopt']
    expect(holds('iommu=soft,pt', { among })).toBe(true)
    expect(holds('iommu=pt iommu=soft', { among })).toBe(true)
    expect(holds('iommu=pt iommu=soft,nopt', { among })).toBe(false)
    expect(holds('iommu=soft', { among })).toBe(false)
    expect(holds('iommu=pt,soft')).toBe(false)
  })

  it('says in words what it asks for', () => {
    expect(describeParameter(condition({ lines: 'linux', among: ['pt'] }))).toBe(
      '/f has iommu=pt (alone or in a list) on a line linux',
    )
    expect(describeParameter(condition({ value: null, lines: 'linux' }))).toBe(
      '/f has no iommu on its first line linux',
    )
    expect(describeParameter(condition({ value: null, among: ['off'] }))).toBe(
      '/f has no iommu=off (alone or in a list)',
    )
    // A message goes on behind it: ", found …".
    expect(describeParameter(condition({ among: ['pt'] }))).toMatch(/[^,]$/)
  })
})
