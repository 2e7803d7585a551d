import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { earlyScript } from '../../src/gpu-vfio-boot/early-script.js'
import { udevFiles } from '../../src/gpu-vfio-boot/udev-files.js'
import { nvmeBinding } from '../fixture/boot-machines.js'

const SHELLS = [['dash'], ['bash'], ['busybox', 'sh']].map((argv) => ({ shell: argv.join(' '), argv }))

describe.each(SHELLS)('the early script in $shell', ({ argv }) => {
  it('binds the device that it knows, and no other one', () => {
    const known = run(argv, {})
    expect(known).toEqual({ override: 'vfio-pci\n', report: '0000:02:00.0 bound to vfio-pci\n', probed: '' })
    const other = run(argv, { device: '0xa808' })
    expect(other.override).toBe('(null)\n')
    expect(other.report).toContain(
      '0000:02:00.0 other-device 1b36:a808:1af4:1100:010802 at pci0000:00/0000:00:02.1/0000:02:00.0 instead of 1b36:0010:1af4:1100:010802',
    )
    expect(run(argv, { driver: true })).toMatchObject({
      override: '(null)\n',
      report: expect.stringContaining('0000:02:00.0 taken'),
    })
  })

  it('leaves the device to the driver of the host when VFIO does not take it, as without an IOMMU', () => {
    for (const modprobe of ['exit 0', 'exit 1', 'exit 127']) {
      expect(run(argv, { modprobe })).toEqual({
        override: '\n',
        report: '0000:02:00.0 unbound: vfio-pci did not take it; left to the driver of the host\n',
        probed: '0000:02:00.0\n',
      })
    }
  })

  it('does nothing when the kernel command line has janus.vfio=off', () => {
    expect(run(argv, { cmdline: 'root=/dev/sda1 janus.vfio=off quiet' })).toEqual({
      override: '(null)\n',
      report: '0000:02:00.0 off: janus.vfio=off is on the kernel command line\n',
      probed: '',
    })
    expect(run(argv, { cmdline: 'xjanus.vfio=off janus.vfio=offx' }).report).toContain('bound to vfio-pci')
  })

  it('never ends the shell that sources it, whatever is missing and however strict that shell is', () => {
    for (const missing of ['sys', 'dev', 'run', 'proc']) run(argv, { missing, before: 'set -eu\n' })
    run(argv, { modprobe: 'exit 1', before: 'set -eu\n' })
  })
})

describe('the udev rules', () => {
  const lines = (udevFiles([nvmeBinding], undefined)[0]?.text ?? '').split('\n')
  const rules = lines.filter((text) => text.startsWith('ACTION'))
  const [off = '', bind = '', late = ''] = rules

  it('load the VFIO driver before they set the override, and bind after it', () => {
    expect(udevFiles([nvmeBinding], undefined).map(({ path }) => path)).toEqual([
      '/etc/udev/rules.d/05-janus-vfio.rules',
    ])
    expect(bind).toContain(
      'TEST!="driver", IMPORT{builtin}="kmod load vfio_pci", ATTR{driver_override}="vfio-pci", RUN+=',
    )
  })

  it('are one for a boot that is to bind nothing, one that binds, and one for what could not be bound: the first that fits is the last', () => {
    const known = (rule: string) => rule.split(', ').filter((word) => word.includes('=='))
    expect(rules).toHaveLength(3)
    expect(lines).toContain('SUBSYSTEM=="pci", IMPORT{cmdline}="janus.vfio"')
    expect(known(off)).toEqual([...known(bind), 'ENV{janus.vfio}=="off"'])
    expect(known(late)).toEqual(known(bind))
    for (const rule of rules) expect(rule.endsWith('GOTO="janus_vfio_end"')).toBe(true)
    expect(lines.slice(-2)).toEqual(['LABEL="janus_vfio_end"', ''])
  })

  it('do nothing in an initramfs, where dracut puts a copy that no later change of the file reaches', () => {
    const [first] = lines.filter((text) => text !== '' && !text.startsWith('#'))
    expect(first).toBe('TEST=="/etc/initrd-release", GOTO="janus_vfio_end"')
  })

  it.each([
    {
      title: 'keep the override of a device that VFIO took',
      rule: bind,
      tree: { override: 'vfio-pci', taken: true },
      answer: { override: 'vfio-pci\n', probed: '', report: '0000:02:00.0 bound to vfio-pci\n' },
    },
    {
      title: 'give back a device that it did not take',
      rule: bind,
      tree: { override: 'vfio-pci', missing: 'driver' },
      answer: {
        override: '\n',
        probed: '0000:02:00.0\n',
        report: '0000:02:00.0 unbound: vfio-pci did not take it, left to the driver of the host\n',
      },
    },
    {
      title: 'leave a device that has a driver, and say so',
      rule: late,
      tree: { driver: true },
      answer: {
        override: '(null)\n',
        probed: '',
        report: '0000:02:00.0 taken: a driver of the host had it before udev met it\n',
      },
    },
    {
      title: 'say that a boot was told to bind nothing',
      rule: off,
      tree: {},
      answer: {
        override: '(null)\n',
        probed: '',
        report: '0000:02:00.0 off: janus.vfio=off is on the kernel command line\n',
      },
    },
  ])('$title', ({ rule, tree, answer }) => {
    const commands = [...rule.matchAll(/RUN\+="\/bin\/sh -c '([^']*)'"/g)].map(([, command = '']) =>
      command.replaceAll('%k', nvmeBinding.address).replaceAll('%p', `/devices/${nvmeBinding.location}`),
    )
    expect(runOver(['dash'], `${commands.join('\n')}\n:`, tree)).toEqual(answer)
  })

  it('give a device back also where the report cannot be written', () => {
    const [first = '', ...rest] = [...bind.matchAll(/RUN\+="\/bin\/sh -c '([^']*)'"/g)].map(([, text = '']) => text)
    expect(first).not.toContain('/run/')
    expect(rest).toHaveLength(1)
  })

  it('report in words that mean nothing to a shell', () => {
    for (const rule of rules) {
      for (const [, words = ''] of rule.matchAll(/echo (%k \w[^>]*) >>/g)) expect(words).toMatch(/^[%\w :,.=-]+$/)
    }
  })

  it('stay far below what udev takes of one command, 1024 characters with all that it fills in', () => {
    for (const [command] of bind.matchAll(/RUN\+="[^"]*"/g)) expect(command.length).toBeLessThan(400)
  })
})

/** What a script finds on the machine. */
interface Tree {
  readonly device?: string
  readonly driver?: boolean
  readonly override?: string
  /** What `modprobe` does. */
  readonly modprobe?: string
  readonly cmdline?: string
  /** A folder of the root that is not there, or the folder of the driver. */
  readonly missing?: string | undefined
  /** The device is on the VFIO driver. */
  readonly taken?: boolean
  readonly before?: string
}

/** The early script over a tree of files. A modprobe that works binds the device, as the registration of a driver does. */
function run(argv: readonly string[], tree: Tree) {
  const bind = 'mkdir -p "$JANUS_ROOT/sys/bus/pci/drivers/vfio-pci/0000:02:00.0"'
  const { before = '', modprobe = bind } = tree
  // A function, because a busybox prefers its own modprobe to any program.
  const text = earlyScript([nvmeBinding], { before: `modprobe() (\n${modprobe}\n)\n${before}`, after: 'exit 0\n' })
  return runOver(argv, text, tree)
}

/** A script over a tree of files: `/sys`, `/proc`, `/dev` and `/run` are those of a folder. */
function runOver(argv: readonly string[], text: string, tree: Tree) {
  const { device = '0x0010', driver = false, override = '(null)', cmdline = 'quiet' } = tree
  const root = mkdtempSync(join(tmpdir(), 'janus-early-'))
  try {
    const place = join(root, 'sys/devices', nvmeBinding.location)
    mkdirSync(place, { recursive: true })
    for (const folder of ['sys/bus/pci/devices', 'sys/bus/pci/drivers/vfio-pci', 'dev', 'run', 'proc', 'bin'])
      mkdirSync(join(root, folder), { recursive: true })
    symlinkSync(`../../../devices/${nvmeBinding.location}`, join(root, 'sys/bus/pci/devices', nvmeBinding.address))
    const values = {
      vendor: '0x1b36',
      device,
      subsystem_vendor: '0x1af4',
      subsystem_device: '0x1100',
      class: '0x010802',
      driver_override: override,
    }
    for (const [name, value] of Object.entries(values)) writeFileSync(join(place, name), `${value}\n`)
    if (driver) writeFileSync(join(place, 'driver'), '')
    if (tree.taken) {
      writeFileSync(join(place, 'driver'), '')
      symlinkSync(place, join(root, 'sys/bus/pci/drivers/vfio-pci', nvmeBinding.address))
    }
    writeFileSync(join(root, 'proc/cmdline'), `${cmdline}\n`)
    for (const name of ['readlink', 'mkdir']) symlinkSync(`/usr/bin/${name}`, join(root, 'bin', name))
    if (tree.missing === 'driver') rmSync(join(root, 'sys/bus/pci/drivers/vfio-pci'), { recursive: true })
    else if (tree.missing !== undefined) rmSync(join(root, tree.missing), { recursive: true })
    const moved = text.replaceAll(/(?<![\w$])\/(sys|proc|dev|run)\//g, `${root}/$1/`)
    const [shell = '', ...args] = argv
    const { status, error } = spawnSync(`/usr/bin/${shell}`, [...args, '-c', moved], {
      env: { PATH: `${root}/bin`, JANUS_ROOT: root },
    })
    expect({ status, error }).toEqual({ status: 0, error: undefined })
    const contentOf = (path: string) => readIfThere(join(root, path))
    return {
      override: contentOf(`sys/devices/${nvmeBinding.location}/driver_override`),
      report: contentOf('run/janus-vfio-boot'),
      probed: contentOf('sys/bus/pci/drivers_probe'),
    }
  } finally {
    rmSync(root, { recursive: true })
  }
}

function readIfThere(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}
