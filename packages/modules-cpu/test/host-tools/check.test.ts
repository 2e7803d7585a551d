import type { TreeInput } from '@janus/core/testing'
import { describe, expect, it } from 'vitest'
import { hostTools } from '../../src/index.js'
import { type Answers, contextOn, createMachine } from '../fixture/context.js'

const NOTHING: Answers = { program: () => ({ path: null }) }

describe('the check of host-tools', () => {
  it('is fine with programs that are on PATH', async () => {
    const findings = await check({}, { program: ({ name }) => ({ path: `/usr/bin/${name}` }) })
    for (const id of ['tool-virsh', 'tool-qemu-img', 'tool-qemu-system'])
      expect(findings.get(id)).toMatchObject({ status: 'ok' })
  })

  it.each([
    ['Debian', 'ID=debian\n', 'libvirt-clients'],
    ['a derivative of Ubuntu', 'ID=zorin\nID_LIKE="ubuntu debian"\n', 'libvirt-clients'],
    ['Fedora', 'ID=fedora\n', 'libvirt-client'],
    ['openSUSE', 'ID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"\n', 'libvirt-client'],
    ['Arch', 'ID=arch\n', 'libvirt'],
  ])('names the package of %s', async (_, release, packageName) => {
    const finding = (await check({ '/etc/os-release': release }, NOTHING)).get('tool-virsh')
    expect(finding).toMatchObject({ status: 'warn', remedy: `Install the package ${packageName}.` })
  })

  it('names the packages of all families where the system is none of them', async () => {
    const finding = (await check({ '/etc/os-release': 'ID=search-os\n' }, NOTHING)).get('tool-virsh')
    expect(finding?.remedy).toContain('(debian)')
  })

  it('knows where RHEL keeps its emulator', async () => {
    const findings = await check({ '/usr/libexec/qemu-kvm': '' }, NOTHING)
    expect(findings.get('tool-qemu-system')).toMatchObject({
      status: 'ok',
      summary: expect.stringContaining('/usr/libexec/qemu-kvm'),
    })
  })

  it('looks for the emulator of the architecture', async () => {
    const findings = await check({ '/proc/sys/kernel/arch': 'aarch64\n' }, NOTHING)
    expect(findings.get('tool-qemu-system')?.summary).toContain('qemu-system-aarch64')
  })

  it('skips programs on a host that cannot be asked', async () => {
    for (const finding of (await check({})).values()) expect(finding.status).toBe('skipped')
  })

  it('names the system and judges none better than another', async () => {
    const tree = { '/etc/os-release': 'PRETTY_NAME="Some Linux 3"\n', '/proc/sys/kernel/osrelease': '6.12.0\n' }
    expect((await check(tree)).get('operating-system')).toMatchObject({
      status: 'ok',
      summary: 'Some Linux 3, kernel 6.12.0',
    })
  })
})

async function check(tree: TreeInput, answers: Answers = {}) {
  const findings = await hostTools.check(contextOn(createMachine(tree), undefined, answers))
  return new Map(findings.map((finding) => [finding.id, finding]))
}
