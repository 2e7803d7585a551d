import type { Change, Query } from '@janus/core'
import { createMemoryHost, createScriptedExecutor, link } from '@janus/core/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { commandLineChanges, readConfiguredCommandLine } from '../../../src/boot/index.js'
import { type Layout, layouts } from '../fixtures/layouts.js'
import { createTestRoot, type TestRoot } from '../fixtures/root.js'
import { bootTools } from '../fixtures/tools.js'

const query: Query = async () => ({ available: false, reason: 'a tree' })
const REQUEST = {
  set: [
    { name: 'intel_iommu', value: 'on' },
    { name: 'iommu', value: 'pt' },
  ],
  why: 'for guests',
}
const WORDS = 'intel_iommu=on iommu=pt'
const paths = (changes: readonly Change[]) =>
  changes.map((change) =>
    change.kind === 'run-command' ? [change.command, ...change.args].join(' ') : 'path' in change ? change.path : '',
  )

let root: TestRoot | undefined
afterEach(() => root?.close())

describe.each([
  ['debian', ['/etc/default/grub', '/usr/sbin/update-grub'], 1],
  ['arch', ['/etc/default/grub', '/usr/bin/grub-mkconfig -o /boot/grub/grub.cfg'], 1],
  ['archSystemdBoot', ['/boot/loader/entries/arch-fallback.conf', '/boot/loader/entries/arch.conf'], 0],
  ['fedora', [`/usr/sbin/grubby --update-kernel=ALL --args=${WORDS}`], 1],
  ['proxmox', ['/etc/kernel/cmdline', '/usr/sbin/proxmox-boot-tool refresh'], 2],
  ['proxmoxBios', ['/etc/default/grub', '/usr/sbin/proxmox-boot-tool refresh'], 2],
  ['popOs', ['/usr/bin/kernelstub -d intel_iommu=off', `/usr/bin/kernelstub -a ${WORDS}`], 2],
] as const)('on the files of %s', (name, expected, calls) => {
  it('parameters are planned, applied, there the second time, and undone to the byte', async () => {
    const executor = createScriptedExecutor(bootTools(() => root as TestRoot))
    root = createTestRoot(layouts[name], executor)
    const { host, transactions } = root
    const before = root.everything()
    const changes = await commandLineChanges(host, query, REQUEST)
    expect(paths(changes)).toEqual(expected)
    expect(
      changes.some(({ afterBoot }) => afterBoot?.some((one) => one.kind === 'parameter' && one.value === 'on')),
    ).toBe(true)
    await transactions.apply(await root.plan(changes))
    for (const { parameters, text } of (await readConfiguredCommandLine(host)).lines) {
      expect(parameters.findLast((one) => one.name === 'intel_iommu')?.value, text).toBe('on')
    }
    expect(await commandLineChanges(host, query, REQUEST)).toEqual([])
    expect(await transactions.rollback()).toMatchObject([{ outcome: 'undone' }])
    expect(root.everything()).toEqual(before)
    expect(executor.calls.length).toBe(calls)
  })
})

describe('a command that fails', () => {
  it('leaves the files as they were', async () => {
    root = createTestRoot(layouts.debian, createScriptedExecutor([{ command: /update-grub/, result: { exitCode: 1 } }]))
    const before = root.everything()
    const plan = await root.plan(await commandLineChanges(root.host, query, REQUEST))
    await expect(root.transactions.apply(plan)).rejects.toMatchObject({ code: 'JANUS_STEP_FAILED' })
    expect(root.everything()).toEqual(before)
  })

  it('of Proxmox is run again once the file is put back', async () => {
    const results = [{ exitCode: 1 }, { exitCode: 0 }]
    const seen: string[] = []
    const executor = createScriptedExecutor([
      {
        command: /proxmox-boot-tool/,
        result: () => {
          seen.push(root?.read('/etc/kernel/cmdline') ?? '')
          return results.shift() ?? {}
        },
      },
    ])
    root = createTestRoot(layouts.proxmox, executor)
    const before = root.everything()
    const plan = await root.plan(await commandLineChanges(root.host, query, REQUEST))
    await expect(root.transactions.apply(plan)).rejects.toMatchObject({ code: 'JANUS_STEP_FAILED' })
    expect(seen).toEqual([`root=ZFS=rpool/ROOT/pve-1 boot=zfs ${WORDS}`, 'root=ZFS=rpool/ROOT/pve-1 boot=zfs'])
    expect(root.everything()).toEqual(before)
  })
})

describe('the programs that make boot files', () => {
  const PATH = '/usr/sbin:/usr/bin:/sbin:/bin'
  const commands = async (files: Layout) => {
    const changes = await commandLineChanges(createMemoryHost(files), query, REQUEST)
    const undos = changes.flatMap(({ undo }) => (undo === undefined || 'none' in undo ? [] : undo))
    return [...changes, ...undos].filter((change) => change.kind === 'run-command')
  }

  it.each(['debian', 'arch', 'fedora', 'proxmox', 'proxmoxBios', 'popOs'] as const)(
    'speak the language of the system, whatever that of the caller is: %s',
    async (name) => {
      const locale = 'LANG="de_DE.UTF-8"\nLANGUAGE=de:en\nLC_TIME=C.UTF-8\n# LC_ALL=C\nPATH=/tmp\n'
      const found = await commands({ ...layouts[name], '/etc/default/locale': locale })
      expect(found).not.toEqual([])
      for (const { env } of found) {
        expect(env).toEqual({ PATH, LANG: 'de_DE.UTF-8', LANGUAGE: 'de:en', LC_TIME: 'C.UTF-8' })
      }
    },
  )

  it('have it from /etc/locale.conf where there is nothing else, and only what is plainly written', async () => {
    const env = async (files: Layout) => (await commands({ ...layouts.debian, ...files }))[0]?.env
    expect(await env({ '/etc/locale.conf': 'LANG=fr_FR.UTF-8\n' })).toEqual({ PATH, LANG: 'fr_FR.UTF-8' })
    expect(await env({ '/etc/locale.conf': 'LANG=$(id)\nLC_ALL="a b"\nLC_TIME=$X\n' })).toEqual({ PATH })
    expect(await env({ '/etc/locale.conf': "LANG='" })).toEqual({ PATH })
    expect(await env({})).toEqual({ PATH })
  })

  it('make a plan stale that was made in another language, and are not kept from undoing it', async () => {
    const executor = createScriptedExecutor(bootTools(() => root as TestRoot))
    root = createTestRoot({ ...layouts.proxmoxBios, '/etc/default/locale': 'LANG=C.UTF-8\n' }, executor)
    const before = root.everything()
    const plan = await root.plan(await commandLineChanges(root.host, query, REQUEST))
    root.write('/etc/default/locale', 'LANG=de_DE.UTF-8\n')
    await expect(root.transactions.apply(plan)).rejects.toMatchObject({ code: 'JANUS_PLAN_STALE' })
    await root.transactions.apply(await root.plan(await commandLineChanges(root.host, query, REQUEST)))
    root.write('/etc/default/locale', 'LANG=C.UTF-8\n')
    expect(await root.transactions.rollback()).toMatchObject([{ outcome: 'undone' }])
    expect(root.everything()).toEqual(before)
  })
})

describe('a plan for the command line', () => {
  const changes = (files: Layout, request: Parameters<typeof commandLineChanges>[2] = REQUEST) =>
    commandLineChanges(createMemoryHost(files), query, request)

  it('has the same command whatever is asked for, so that two plans need it once', async () => {
    const [one, other] = [
      await changes(layouts.debian),
      await changes(layouts.debian, { set: [{ name: 'x', value: '1' }], why: 'y' }),
    ]
    const { verify: _, ...command } = other.at(-1) as Change
    expect(one.at(-1)).toMatchObject(command)
  })

  describe('that takes a member of a list away', () => {
    const OFF = { set: [], remove: [{ name: 'amd_iommu', value: 'off', among: ['off'] }], why: 'x' }
    const gone = { kind: 'parameter', name: 'amd_iommu', value: null, among: ['off'] }

    it('awaits a boot without it, and looks for it in the configuration of GRUB', async () => {
      const files = { ...layouts.debian, '/etc/default/grub': 'GRUB_CMDLINE_LINUX_DEFAULT="quiet amd_iommu=off"\n' }
      expect(await changes(files, OFF)).toMatchObject([
        { kind: 'write-file', afterBoot: [{ ...gone, path: '/proc/cmdline' }] },
        { kind: 'run-command', verify: [{ ...gone, path: '/boot/grub/grub.cfg', lines: 'linux' }] },
      ])
    })

    it('fails where the configuration of GRUB still has it afterwards', async () => {
      root = createTestRoot(
        {
          ...layouts.debian,
          '/etc/default/grub': 'GRUB_CMDLINE_LINUX_DEFAULT="quiet amd_iommu=off"\n',
          '/boot/grub/grub.cfg': 'linux /vmlinuz quiet amd_iommu=off\n',
        },
        createScriptedExecutor([{ command: /update-grub/, result: {} }]),
      )
      const before = root.everything()
      const plan = await root.plan(await commandLineChanges(root.host, query, OFF))
      await expect(root.transactions.apply(plan)).rejects.toThrow('has no amd_iommu=off')
      expect(root.everything()).toEqual(before)
    })

    it('looks for it in every entry that grubby wrote, or in the environment that they share', async () => {
      const entries = ['/boot/loader/entries/a-6.8.5.conf', '/boot/loader/entries/a-6.9.1.conf']
      const entry = Object.fromEntries(entries.map((path) => [path, 'linux /a\noptions ro amd_iommu=off\n']))
      expect(await changes({ ...layouts.fedora, ...entry }, OFF)).toMatchObject([
        {
          args: ['--update-kernel=ALL', '--remove-args=amd_iommu=off'],
          verify: entries.map((path) => ({ ...gone, path, lines: 'options' })),
          afterBoot: [{ ...gone, path: '/proc/cmdline' }],
        },
      ])
      const shared = Object.fromEntries(entries.map((path) => [path, 'linux /a\noptions $kernelopts\n']))
      const environment = { '/boot/grub2/grubenv': 'kernelopts=ro amd_iommu=off\n' }
      expect(await changes({ ...layouts.fedora, ...shared, ...environment }, OFF)).toMatchObject([
        { verify: [{ ...gone, path: '/boot/grub2/grubenv', lines: 'kernelopts' }] },
      ])
    })

    it('looks for it in the list of kernelstub, as far as only the list has it', async () => {
      const path = '/etc/kernelstub/configuration'
      const stub = (standard: readonly string[]) => ({
        ...layouts.popOs,
        [path]: JSON.stringify({
          default: { kernel_options: standard },
          user: { kernel_options: ['quiet', 'amd_iommu=off'] },
        }),
      })
      expect(await changes(stub([]), OFF)).toMatchObject([
        { args: ['-d', 'amd_iommu=off'], verify: [{ kind: 'lacks', path, value: '"amd_iommu=off"' }] },
      ])
      expect(await changes(stub(['amd_iommu=off']), OFF)).toMatchObject([{ verify: [] }])
    })
  })

  it('that takes a parameter away awaits a boot without it, also behind another', async () => {
    const after = { names: ['hugepagesz', 'default_hugepagesz'], values: ['1G'] }
    const files = { ...layouts.debian, '/etc/default/grub': 'GRUB_CMDLINE_LINUX="hugepagesz=1G hugepages=4 x=1 y"\n' }
    const remove = [{ name: 'hugepages', after }, { name: 'hugepagesz', value: '1G' }, { name: 'y' }]
    const [write] = await changes(files, { set: [], remove, why: 'x' })
    expect(write?.afterBoot).toEqual([
      { kind: 'parameter', path: '/proc/cmdline', name: 'hugepages', value: null, after },
      { kind: 'parameter', path: '/proc/cmdline', name: 'hugepagesz', value: null, among: ['1G'] },
      { kind: 'parameter', path: '/proc/cmdline', name: 'y', value: null },
    ])
  })

  it('verifies nothing that a generated file would have to hold beforehand', async () => {
    expect(await changes({ ...layouts.debian, '/boot/grub/grub.cfg': '' })).toEqual(await changes(layouts.debian))
  })

  it('refuses a word that would need quotes', async () => {
    await expect(changes(layouts.debian, { set: [{ name: 'a', value: 'b c' }], why: 'x' })).rejects.toMatchObject({
      code: 'JANUS_OPTIONS_INVALID',
    })
    await expect(changes(layouts.debian, { set: [{ name: 'a', value: '$(id)' }], why: 'x' })).rejects.toMatchObject({
      code: 'JANUS_OPTIONS_INVALID',
    })
  })

  it('writes the two variables of GRUB where neither is set, and nothing where only something is removed', async () => {
    const files = { ...layouts.debian, '/etc/default/grub': 'GRUB_TIMEOUT=1' }
    const [write] = await changes(files)
    expect(write).toMatchObject({ content: { text: `GRUB_TIMEOUT=1\nGRUB_CMDLINE_LINUX_DEFAULT="${WORDS}"` } })
    expect(await changes(files, { set: [], remove: [{ name: 'iommu' }], why: 'x' })).toEqual([])
  })

  it('goes where grub-mkconfig of EFI writes when the EFI partition holds more than a stub', async () => {
    const { '/boot/grub2/grub.cfg': _, ...rest } = layouts.fedora
    const efi = {
      ...rest,
      '/etc/default/grub': 'GRUB_CMDLINE_LINUX="a"\n',
      '/sys/firmware/efi/x': '',
      '/boot/efi/EFI/fedora/grub.cfg': 'linux /a\n',
    }
    expect(paths(await changes(efi)).at(-1)).toBe('/usr/sbin/grub2-mkconfig -o /boot/efi/EFI/fedora/grub.cfg')
    const stub = {
      ...efi,
      '/boot/efi/EFI/fedora/grub.cfg': 'configfile $prefix/grub.cfg\n',
      '/boot/grub2/grub.cfg': '',
    }
    expect(paths(await changes(stub)).at(-1)).toBe('/usr/sbin/grub2-mkconfig -o /boot/grub2/grub.cfg')
  })

  it('refuses two configurations of GRUB, naming both', async () => {
    await expect(changes({ ...layouts.debian, '/boot/grub2/grub.cfg': '' })).rejects.toThrow(
      'two configurations of GRUB, /boot/grub/grub.cfg and /boot/grub2/grub.cfg',
    )
  })

  describe('with an EFI partition that systems share', () => {
    const whole = 'menuentry a {\n  linux /a\n}\n'
    const shared: Layout = {
      ...layouts.debian,
      '/sys/firmware/efi/x': '',
      '/boot/efi/EFI/aaa/grub.cfg': whole,
    }
    const { '/boot/grub/grub.cfg': _, ...without } = shared

    it('leaves the configuration of another system alone', async () => {
      expect(await changes(shared)).toMatchObject([{}, { outputs: ['/boot/grub/grub.cfg', '/boot/grub/grub.cfg.new'] }])
      const stub = {
        ...shared,
        '/boot/efi/EFI/debian/grub.cfg': 'search.fs_uuid 1 root\nconfigfile $prefix/grub.cfg\n',
      }
      expect(await changes(stub)).toMatchObject([{}, { outputs: ['/boot/grub/grub.cfg', '/boot/grub/grub.cfg.new'] }])
    })

    it('refuses where only the configuration of another system is there', async () => {
      await expect(changes(without)).rejects.toMatchObject({
        code: 'JANUS_HOST_UNFIT',
        message: expect.stringContaining('whether /boot/efi/EFI/aaa/grub.cfg is its own'),
      })
    })

    it('takes the one of this system, or the one that /etc/grub2-efi.cfg leads to', async () => {
      const own = { ...without, '/boot/efi/EFI/debian/grub.cfg': whole }
      expect(await changes(own)).toMatchObject([
        {},
        { outputs: ['/boot/efi/EFI/debian/grub.cfg', '/boot/efi/EFI/debian/grub.cfg.new'] },
      ])
      const linked = { ...shared, '/etc/grub2-efi.cfg': link('../boot/efi/EFI/aaa/grub.cfg') }
      expect(await commandLineChanges(createMemoryHost(linked), query, REQUEST)).toMatchObject([
        {},
        { outputs: ['/boot/efi/EFI/aaa/grub.cfg', '/boot/efi/EFI/aaa/grub.cfg.new'] },
      ])
    })

    it('refuses where this system has one there and one of its own, naming both', async () => {
      const both = { ...shared, '/boot/efi/EFI/debian/grub.cfg': `${whole}submenu b {\n  configfile /c\n}\n` }
      await expect(changes(both)).rejects.toThrow('/boot/grub/grub.cfg and /boot/efi/EFI/debian/grub.cfg')
    })
  })

  it('leaves entries of another system on the same partition', async () => {
    const files = {
      ...layouts.archSystemdBoot,
      '/etc/machine-id': 'aa\n',
      '/boot/loader/entries/arch-fallback.conf': 'linux /x\nmachine-id bb\noptions a\n',
    }
    expect(paths(await changes(files))).toEqual(['/boot/loader/entries/arch.conf'])
  })

  it('leaves entries without a machine that have another root than the one that runs', async () => {
    const other = { '/boot/loader/entries/other.conf': 'linux /other\noptions root=UUID=2 rw\n' }
    const device = { '/boot/loader/entries/x.conf': 'linux /x\noptions root=/dev/vda1\n' }
    const files = { ...layouts.archSystemdBoot, ...other, ...device }
    const of = async (more: Layout) => paths(await changes({ ...files, ...more }))
    expect(await of({ '/proc/cmdline': 'root=UUID=1 rw\n' })).not.toContain('/boot/loader/entries/other.conf')
    expect(await of({ '/proc/cmdline': 'root=UUID=1 rw\n' })).toHaveLength(3)
    expect(await of({})).toHaveLength(4)
  })

  it('changes what kernel-install makes new entries of, too', async () => {
    const files = { ...layouts.archSystemdBoot, '/etc/kernel/cmdline': 'root=UUID=1 rw\n' }
    expect(paths(await changes(files))[0]).toBe('/etc/kernel/cmdline')
  })

  it('tells of unified kernel images and does not edit them', async () => {
    await expect(changes({ ...layouts.archSystemdBoot, '/boot/EFI/Linux/arch-linux.efi': 'MZ' })).rejects.toMatchObject(
      {
        code: 'JANUS_HOST_UNFIT',
        message: expect.stringContaining('/boot/EFI/Linux/arch-linux.efi'),
      },
    )
  })

  it('keeps bytes that are no UTF-8', async () => {
    root = createTestRoot(
      { ...layouts.archSystemdBoot, '/boot/loader/entries/arch.conf': 'title \xff\nlinux /a\noptions a\n' },
      createScriptedExecutor([]),
    )
    await root.transactions.apply(await root.plan(await commandLineChanges(root.host, query, REQUEST)))
    expect(root.read('/boot/loader/entries/arch.conf')).toBe(`title \xff\nlinux /a\noptions a ${WORDS}\n`)
  })

  it('by a program refuses pages of two sizes, which it could not keep apart', async () => {
    const after = { names: ['hugepagesz', 'default_hugepagesz'], values: ['1G'] }
    const request = { set: [{ name: 'hugepages', value: '4', after }], why: 'x' }
    const [change] = await changes(layouts.fedora, request)
    expect(change).toMatchObject({ args: ['--update-kernel=ALL', '--args=hugepagesz=1G hugepages=4'] })
    const entry = '/boot/loader/entries/a-6.8.5.conf'
    const files = { ...layouts.fedora, [entry]: 'linux /a\noptions hugepages=512\n' }
    await expect(changes(files, request)).rejects.toThrow('holds "hugepages=512"')
  })

  it('reads the words that GRUB puts in for $kernelopts', async () => {
    const entry = (version: string) => ({
      [`/boot/loader/entries/a-${version}.conf`]: 'linux /a\noptions $kernelopts $tuned_params\n',
    })
    const files = {
      ...layouts.fedora,
      ...entry('6.8.5'),
      ...entry('6.9.1'),
      '/boot/grub2/grubenv': 'kernelopts=root=a intel_iommu=on iommu=pt\n',
    }
    expect(await changes(files)).toEqual([])
  })
})
