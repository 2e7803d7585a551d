import { describe, expect, test } from 'vitest'

interface Call {
  readonly line: string
}

interface Judgement {
  readonly unannounced: readonly string[]
  readonly missing: readonly object[]
}

// The guest's programs are plain JavaScript, so they are imported by address.
const load = async (name: string) => await import(new URL(`../guest/system-calls/${name}.mjs`, import.meta.url).href)
const parseTrace = (await load('parse-trace')).parseTrace as (texts: Record<string, string>) => readonly Call[]
const mutationsIn = (await load('mutations')).mutationsIn as (calls: readonly Call[]) => readonly Call[]
const compareWithPlan = (await load('unannounced')).compareWithPlan as (
  mutations: readonly Call[],
  options: object,
) => Judgement

const OVERRIDE = '/sys/devices/pci0000:00/0000:02:00.0/driver_override'
const override = {
  kind: 'write-attribute',
  path: '/sys/bus/pci/devices/0000:02:00.0/driver_override',
  value: 'vfio-pci',
}
const module = { kind: 'load-kernel-module', name: 'vfio_pci' }

const announced = [
  `openat(AT_FDCWD</>, "/sys/bus/pci/devices/0000:02:00.0/driver_override", O_WRONLY|O_CLOEXEC) = 17<${OVERRIDE}>`,
  `write(17<${OVERRIDE}>, "vfio-pci", 8) = 8`,
]

describe('what changes nothing', () => {
  test.each([
    'openat(AT_FDCWD</>, "/etc/passwd", O_RDONLY|O_CLOEXEC) = 3</etc/passwd>',
    'openat(AT_FDCWD</>, "/dev/null", O_RDWR|O_CLOEXEC) = 3</dev/null>',
    'openat(AT_FDCWD</>, "/nowhere/file", O_WRONLY|O_CREAT, 0644) = -1 ENOENT (No such file or directory)',
    'mkdir("/var/lib", 0755) = -1 EEXIST (File exists)',
    'write(1<pipe:[123]>, "text with ) = 5 in it", 21) = 21',
    'kill(1, 0) = 0',
  ])('%s', (line) => {
    expect(judge([line], []).unannounced).toEqual([])
  })
})

describe('what no change of the plan announces', () => {
  test.each([
    'openat(AT_FDCWD</root>, "/tmp/x", O_WRONLY|O_CREAT|O_TRUNC, 0666) = 3</tmp/x>',
    'openat(AT_FDCWD</var/lib/janus>, "../x", O_WRONLY|O_CREAT, 0666) = 3</var/lib/x>',
    'openat(AT_FDCWD</>, "/var/lib/janusx", O_RDWR) = 3</var/lib/janusx>',
    'mkdir("/tmp/folder", 0777) = 0',
    'renameat2(AT_FDCWD</>, "/var/lib/janus/a", AT_FDCWD</>, "/etc/a", RENAME_NOREPLACE) = 0',
    'unlinkat(5</etc>, "passwd", 0) = 0',
    'fchmod(5</etc/passwd>, 0600) = 0',
    'utimensat(AT_FDCWD</>, "/etc/passwd", NULL, 0) = 0',
    'mount("none", "/mnt", "tmpfs", 0, NULL) = 0',
    'finit_module(3</lib/modules/6.1/kernel/other.ko>, "", 0) = 0',
    'delete_module("nvme", O_NONBLOCK) = 0',
    'kill(4242, SIGTERM) = 0',
    'io_uring_setup(64, {flags=0}) = 21',
    `write(17<${OVERRIDE}>, "another", 7) = 7`,
  ])('%s', (line) => {
    expect(judge([...announced, line], [override, module]).unannounced).toHaveLength(1)
  })
})

test('the calls of an announced write are explained, once', () => {
  expect(judge(announced, [override])).toEqual({ unannounced: [], missing: [] })
  expect(judge([...announced, ...announced], [override]).unannounced).toHaveLength(2)
})

test('a change without a trace is missing', () => {
  expect(judge(announced, [override, module]).missing).toEqual([module])
})

test('the files of an announced module and the journal are explained', () => {
  const lines = [
    'finit_module(3</lib/modules/6.1/kernel/vfio.ko>, "", 0) = 0',
    'finit_module(3</lib/modules/6.1/kernel/vfio-pci.ko>, "", 0) = 0',
    'mkdir("/var/lib/janus", 0700) = 0',
    'openat(AT_FDCWD</>, "/var/lib/janus/journal.jsonl", O_RDWR|O_CREAT|O_APPEND, 0640) = 18</var/lib/janus/journal.jsonl>',
  ]
  expect(judge(lines, [module])).toEqual({ unannounced: [], missing: [] })
})

test('an unloaded module is named with a dash or an underscore', () => {
  const lines = ['delete_module("vfio_pci", O_NONBLOCK) = 0', 'delete_module("vfio", O_NONBLOCK) = 0']
  expect(judge(lines, [{ kind: 'unload-kernel-module', name: 'vfio-pci' }]).unannounced).toEqual([])
})

function judge(lines: readonly string[], changes: readonly object[]): Judgement {
  const text = lines.map((line, index) => `${index}.000001 ${line}`).join('\n')
  return compareWithPlan(mutationsIn(parseTrace({ 100: text })), {
    changes,
    exempt: ['/var/lib/janus'],
    realPath: (path: string) => (path === override.path ? OVERRIDE : path),
    moduleFiles: () => ['/lib/modules/6.1/kernel/vfio.ko', '/lib/modules/6.1/kernel/vfio-pci.ko'],
  })
}
