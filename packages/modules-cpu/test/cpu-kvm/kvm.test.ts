import { describe, expect, it } from 'vitest'
import { cpuKvm, cpuKvmOptions } from '../../src/index.js'
import { contextOn, createMachine } from '../fixture/context.js'
import { withJanusOn } from '../fixture/janus-on.js'
import { onModel } from '../fixture/on-model.js'
import { type TuningMachine, tuningMachine } from '../fixture/tuning-machine.js'

const on = (machine: TuningMachine = {}) => onModel(cpuKvm, tuningMachine(machine))

describe('the options of cpu-kvm', () => {
  it('keep nothing when there is nothing to keep', () => {
    expect(cpuKvmOptions.safeParse({ persistent: true }).success).toBe(false)
    expect(cpuKvmOptions.safeParse({ persistent: true, nested: true }).success).toBe(true)
    expect(cpuKvmOptions.safeParse({ nested: 1 }).success).toBe(false)
  })
})

describe('the changes of cpu-kvm', () => {
  it('take the module out and load it again with all that it had, while nobody uses it', async () => {
    const [unload, load, ...rest] = await on({ vendor: 'GenuineIntel' }).plan({ nested: false })
    expect(rest).toEqual([])
    expect(unload).toMatchObject({
      kind: 'unload-kernel-module',
      name: 'kvm_intel',
      expect: expect.arrayContaining([
        { kind: 'equals', path: '/sys/module/kvm_intel/refcnt', value: '0' },
        { kind: 'unheld', path: '/dev/kvm' },
      ]),
      undo: [{ kind: 'load-kernel-module', parameters: { nested: 'Y', ept: 'Y' } }],
    })
    expect(load).toMatchObject({ kind: 'load-kernel-module', name: 'kvm_intel', parameters: { nested: '0', ept: 'Y' } })
  })

  it('leave out what a module prints and does not take', async () => {
    const [, load] = await on({ vendor: 'GenuineIntel' }).plan({ nested: false })
    expect(load).not.toMatchObject({ parameters: { vmentry_l1d_flush: expect.anything() } })
  })

  it('write what can be written while virtual machines run', async () => {
    const model = tuningMachine()
    model.holdNode('/dev/kvm')
    expect(await onModel(cpuKvm, model).plan({ ignoreMsrs: true, nested: true })).toMatchObject([
      { kind: 'write-attribute', path: '/sys/module/kvm/parameters/ignore_msrs', from: 'N', value: 'Y' },
    ])
  })

  it('load what is not loaded, with its parameters', async () => {
    expect(await on({ kvm: 'unloaded' }).plan({ nested: true })).toMatchObject([
      { kind: 'load-kernel-module', name: 'kvm_amd', parameters: { nested: '1' } },
    ])
    expect(await on({ kvm: 'unloaded' }).plan({ ignoreMsrs: true })).toMatchObject([
      { kind: 'load-kernel-module', name: 'kvm', parameters: { ignore_msrs: '1' } },
      { kind: 'load-kernel-module', name: 'kvm_amd' },
    ])
  })

  it('are none where all is so', async () => {
    expect(await on().plan({ nested: true, ignoreMsrs: false })).toEqual([])
    expect(await on().plan({})).toEqual([])
  })

  it('write the file that keeps them, once', async () => {
    const model = tuningMachine({ nested: '0' })
    const changes = await onModel(cpuKvm, model).plan({ nested: false, ignoreMsrs: false, persistent: true })
    const text = changes.flatMap((change) =>
      change.kind === 'write-file' && 'text' in change.content ? [change.content.text] : [],
    )
    expect(text).toEqual([expect.stringContaining('options kvm ignore_msrs=0\noptions kvm_amd nested=0\n')])
    expect(text[0]).toMatch(/^# Written by Janus .* To undo: /)
    model.put({ '/etc/modprobe.d/janus-kvm.conf': text[0] ?? '' })
    expect(await onModel(cpuKvm, model).plan({ nested: false, ignoreMsrs: false, persistent: true })).toEqual([])
  })

  it.each([
    ['GenuineIntel', 'kvm_intel', 'Y'],
    ['AuthenticAMD', 'kvm_amd', '1'],
  ] as const)('are looked at again after a boot, and so is the file: %s', async (vendor, name, yes) => {
    const [file, parameter] = ['/etc/modprobe.d/janus-kvm.conf', `/sys/module/${name}/parameters/nested`]
    const model = tuningMachine({ vendor, nested: yes })
    await withJanusOn(model, cpuKvm, async (janus) => {
      const notHeld = async () =>
        (await janus.status()).drift
          .filter(({ state }) => state !== 'holds')
          .map(({ state, path }) => `${state}: ${path}`)
      await janus.apply(await janus.plan('cpu-kvm', { nested: true, persistent: true }))
      model.put({ '/proc/sys/kernel/random/boot_id': '00000000-0000-4000-8000-000000000002\n' })
      expect(await notHeld()).toEqual([])
      model.put({ [parameter]: 'N\n' })
      expect(await notHeld()).toEqual([`drifted: ${parameter}`])
      model.remove(file)
      expect(await notHeld()).toEqual([`drifted: ${file}`, `drifted: ${parameter}`])
    })
  })

  it('keep what an earlier apply was asked to keep', async () => {
    const file = '/etc/modprobe.d/janus-kvm.conf'
    const files = { [file]: '# of the host\noptions kvm_amd nested=1 avic=1\noptions kvm report_ignored_msrs=0\n' }
    const model = tuningMachine({ files })
    const changes = await onModel(cpuKvm, model).plan({ ignoreMsrs: false, persistent: true })
    const [text] = changes.flatMap((change) =>
      change.kind === 'write-file' && 'text' in change.content ? [change.content.text] : [],
    )
    expect(text?.split('\n').slice(1)).toEqual([
      '# of the host',
      'options kvm ignore_msrs=0 report_ignored_msrs=0',
      'options kvm_amd avic=1 nested=1',
      '',
    ])
    model.put({ [file]: text ?? '' })
    expect(await onModel(cpuKvm, model).plan({ ignoreMsrs: false, persistent: true })).toEqual([])
  })

  it.each<[string, Readonly<Record<string, string>>]>([
    ['an earlier name', { '/etc/modprobe.d/a.conf': 'options kvm_amd nested=1\n' }],
    [
      'a later name that another directory replaces',
      {
        '/usr/lib/modprobe.d/z.conf': 'options kvm_amd nested=1\n',
        '/etc/modprobe.d/z.conf': 'options kvm_amd avic=1\n',
      },
    ],
    [
      'the same word',
      { '/lib/modprobe.d/z.conf': 'options kvm_amd nested=0\n', '/proc/cmdline': 'kvm_amd.nested=0\n' },
    ],
  ])('are kept beside %s', async (_, files) => {
    const model = tuningMachine({ files, nested: '0' })
    expect(await onModel(cpuKvm, model).plan({ nested: false, persistent: true })).not.toEqual([])
  })

  it.each<[string, TuningMachine, object, readonly string[]]>([
    [
      'a module that could not be loaded again: the kernel was upgraded',
      { installed: false },
      { nested: false },
      ['kvm_amd again', 'could not come back'],
    ],
    [
      'a module that could not be loaded again: a line forbids it',
      { files: { '/etc/modprobe.d/no.conf': 'install kvm_amd /bin/false\n' } },
      { nested: false },
      ['/etc/modprobe.d/no.conf:1'],
    ],
    [
      'the kernel command line that has the last word',
      { files: { '/proc/cmdline': 'quiet kvm-amd.nested=1\n' } },
      { nested: false, persistent: true },
      ['/proc/cmdline', 'nested'],
    ],
    [
      'a file of another directory that has the last word',
      { files: { '/usr/lib/modprobe.d/zz.conf': 'options kvm \\\n  ignore_msrs\n' } },
      { ignoreMsrs: false, persistent: true },
      ['/usr/lib/modprobe.d/zz.conf:1', 'ignore_msrs'],
    ],
    ['a built-in module', { kvm: 'built-in' }, { nested: false }, ['built into the kernel', 'chosen at boot']],
    ['a built-in module, kept', { kvm: 'built-in' }, { ignoreMsrs: false, persistent: true }, ['does not read']],
    ['a missing module', { kvm: 'missing' }, {}, ['kvm_amd is neither loaded nor among']],
    [
      'a forbidden module',
      { kvm: 'unloaded', files: { '/etc/modprobe.d/no.conf': 'blacklist kvm_amd\n' } },
      {},
      ['/etc/modprobe.d/no.conf:1'],
    ],
    [
      'a file that has the last word',
      { files: { '/etc/modprobe.d/kvm.conf': '#\noptions kvm-amd nested=1\n' } },
      { nested: false, persistent: true },
      ['/etc/modprobe.d/kvm.conf:2', 'nested'],
    ],
  ])('refuse %s, and say why', async (_, machine, options, words) => {
    const refused = expect(on(machine).plan(options)).rejects
    for (const word of words)
      await refused.toMatchObject({
        code: 'JANUS_HOST_UNFIT',
        message: expect.stringContaining(word),
        remedy: expect.any(String),
      })
  })

  it('refuse to reload while a virtual machine runs, and name it', async () => {
    const model = tuningMachine()
    const hold = model.holdNode('/dev/kvm')
    await expect(onModel(cpuKvm, model).plan({ nested: false })).rejects.toMatchObject({
      code: 'JANUS_HOST_UNFIT',
      message: expect.stringContaining('process 4000 (qemu-system-x86)'),
    })
    hold.release()
    expect(await onModel(cpuKvm, model).plan({ nested: false })).toHaveLength(2)
  })

  it('refuse a processor whose extension is switched off and locked, and one that is not x86', async () => {
    const cpuinfo = 'processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nflags\t\t: fpu\n'
    const locked = on({ vendor: 'GenuineIntel', kvm: 'unloaded', files: { '/proc/cpuinfo': cpuinfo } })
    await expect(locked.plan({})).rejects.toMatchObject({ message: expect.stringContaining('locked') })
    const arm = on({ files: { '/proc/sys/kernel/arch': 'aarch64\n', '/proc/cpuinfo': 'processor\t: 0\n' } })
    await expect(arm.plan({})).rejects.toMatchObject({ code: 'JANUS_HOST_LACKS_FEATURE' })
    expect((await arm.check({ nested: true })).map(({ status }) => status)).toEqual(['skipped', 'skipped', 'skipped'])
  })
})

describe('the check of cpu-kvm', () => {
  it('shows the parameters, and who uses KVM', async () => {
    const model = tuningMachine()
    model.holdNode('/dev/kvm')
    expect(await onModel(cpuKvm, model).check()).toMatchObject([
      { id: 'kvm-parameters', status: 'ok', summary: expect.stringContaining('nested=1') },
      { id: 'kvm-users', status: 'ok', summary: expect.stringContaining('process 4000') },
    ])
  })

  it('claims nothing of a captured machine that shows no modules', async () => {
    const cpuinfo = 'processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nflags\t\t: vmx\n'
    const findings = await cpuKvm.check(contextOn(createMachine({ '/proc/cpuinfo': cpuinfo }, 'tree'), undefined))
    expect(findings.map(({ status }) => status)).toEqual(['skipped', 'skipped'])
  })

  it('is skipped where the processor has no extension, and critical where it shows that the firmware switched it off', async () => {
    const finding = async (vendor: 'GenuineIntel' | 'AuthenticAMD', flags: string) => {
      const cpuinfo = `processor\t: 0\nvendor_id\t: ${vendor}\ncpu family\t: 6\nflags\t\t: ${flags}\n`
      const machine = on({ vendor, kvm: 'unloaded', files: { '/proc/cpuinfo': cpuinfo } })
      return machine.finding('kvm-requested', { nested: true })
    }
    expect(await finding('GenuineIntel', 'fpu hypervisor')).toMatchObject({
      status: 'skipped',
      remedy: expect.stringContaining('is itself a virtual machine'),
    })
    expect(await finding('GenuineIntel', 'fpu')).toMatchObject({
      status: 'skipped',
      remedy: expect.stringContaining('in the firmware setup'),
    })
    // The kernel takes svm away, and not what belongs to it (arch/x86/kernel/cpu/amd.c, init_amd).
    expect(await finding('AuthenticAMD', 'fpu npt nrip_save')).toMatchObject({
      status: 'critical',
      summary: expect.stringContaining('the firmware has switched it off'),
    })
  })

  it('is critical for what apply refuses', async () => {
    expect(await on({ kvm: 'built-in' }).finding('kvm-requested', { nested: false })).toMatchObject({
      status: 'critical',
    })
    expect(await on().finding('kvm-requested', { nested: false })).toMatchObject({ status: 'ok' })
    expect(await on({ kvm: 'unloaded' }).finding('kvm-parameters')).toMatchObject({
      status: 'warn',
      remedy: 'janus plan cpu-kvm',
    })
  })
})
