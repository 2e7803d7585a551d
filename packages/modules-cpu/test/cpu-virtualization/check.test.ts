import { deviceNode, type TreeInput } from '@janus/core/testing'
import { describe, expect, it } from 'vitest'
import { cpuVirtualization } from '../../src/index.js'
import { type Answers, contextOn, createMachine } from '../fixture/context.js'

const INTEL = 'processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nflags\t\t: fpu vme vmx sse\n'
const AMD = 'processor\t: 0\nvendor_id\t: AuthenticAMD\ncpu family\t: 25\nflags\t\t: fpu vme svm sse\n'
const ARM = 'processor\t: 0\nBogoMIPS\t: 50.00\nFeatures\t: fp asimd evtstrm\nCPU implementer\t: 0x41\n'

describe('the check of cpu-virtualization', () => {
  it.each([
    ['vmx', INTEL],
    ['svm', AMD],
  ])('finds %s', async (extension, cpuinfo) => {
    expect((await check({ '/proc/cpuinfo': cpuinfo })).get('virtualization-extension')).toMatchObject({
      status: 'ok',
      summary: expect.stringContaining(extension),
    })
  })

  it('is critical on x86 without it, and is not fooled by flags that contain the word', async () => {
    const cpuinfo = INTEL.replace(' vmx', ' vmx_flags_lookalike tsc_svmx')
    expect((await check({ '/proc/cpuinfo': cpuinfo })).get('virtualization-extension')).toMatchObject({
      status: 'critical',
      remedy: expect.stringContaining('firmware'),
    })
  })

  it('sends the reader of a virtual machine to its host', async () => {
    const cpuinfo = INTEL.replace(' vmx', ' hypervisor')
    expect((await check({ '/proc/cpuinfo': cpuinfo })).get('virtualization-extension')?.remedy).toContain('nested')
  })

  it.each([
    ['another architecture', { '/proc/cpuinfo': ARM }],
    ['another architecture by its name', { '/proc/cpuinfo': ARM, '/proc/sys/kernel/arch': 'aarch64\n' }],
    ['a host that does not show its processor', {}],
  ])('skips %s', async (_, tree) => {
    const findings = await check(tree)
    expect(findings.get('virtualization-extension')).toMatchObject({ status: 'skipped' })
    expect(findings.has('kernel-module-kvm-intel')).toBe(false)
  })

  it('asks for the module of the vendor, by its exact name', async () => {
    const modules = {
      '/proc/sys/kernel/osrelease': '6.12.0\n',
      '/proc/modules': 'kvm_intel 1 0 - Live 0x0\n',
      '/sys/module/kvm_intel/initstate': 'live\n',
      '/lib/modules/6.12.0/modules.dep': '',
      '/lib/modules/6.12.0/modules.builtin': '',
    }
    const findings = await check({ '/proc/cpuinfo': INTEL, ...modules })
    expect(findings.get('kernel-module-kvm-intel')).toMatchObject({ status: 'ok' })
    expect(findings.get('kernel-module-kvm')).toMatchObject({ status: 'warn' })
    expect(findings.has('kernel-module-kvm-amd')).toBe(false)
  })

  it('asks for both on a processor of an unknown vendor', async () => {
    const findings = await check({ '/proc/cpuinfo': INTEL.replace('GenuineIntel', 'Somebody') })
    expect(findings.has('kernel-module-kvm-intel')).toBe(true)
    expect(findings.has('kernel-module-kvm-amd')).toBe(true)
  })

  it.each([
    ['ok', { openable: true }, 'can be opened'],
    ['warn', { openable: false, error: 'EACCES' }, 'EACCES'],
  ])('is %s about /dev/kvm when opening it gives %j', async (status, answer, words) => {
    const finding = (
      await check({ '/dev/kvm': deviceNode('character-device', '10:232') }, { openable: () => answer })
    ).get('kvm-device')
    expect(finding).toMatchObject({ status, summary: expect.stringContaining(words) })
  })

  it('warns when /dev/kvm is missing, and skips it on a captured host', async () => {
    expect((await check({})).get('kvm-device')).toMatchObject({ status: 'warn' })
    const context = contextOn(createMachine({}, 'snapshot'), undefined)
    expect(await cpuVirtualization.check(context)).toContainEqual(
      expect.objectContaining({ id: 'kvm-device', status: 'skipped' }),
    )
  })
})

async function check(tree: TreeInput, answers: Answers = {}) {
  const findings = await cpuVirtualization.check(contextOn(createMachine(tree), undefined, answers))
  return new Map(findings.map((finding) => [finding.id, finding]))
}
