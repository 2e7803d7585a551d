import { posix } from 'node:path'
import * as z from '../zod.js'
import type { Change, PlannedChange, UndoChange } from './change.js'
import { DEVICE_USE_KINDS } from './inventory.js'
import { isPciAddress } from './pci-address.js'

const DIRECTORY_BITS = 0o7777
/** Milliseconds: a day. */
const LONGEST_WAIT = 86_400_000

// By way of a process every file can be reached under another name: /proc/1/root/etc, /proc/self/fd/3.
const PROCESS = /^\/proc\/(\d+|self|thread-self)(\/|$)/

/** An absolute, normalised path without a NUL byte, and not by way of a process. */
export const absolutePath = z
  .string()
  .min(1)
  .max(4096)
  .refine((path) => path.startsWith('/') && posix.normalize(path) === path && !path.includes('\0'), {
    message: 'must be an absolute, normalised path',
  })
  .refine((path) => path === '/' || !path.endsWith('/'), { message: 'must not end in a slash' })
  .refine((path) => !PROCESS.test(path), { message: 'must not lead by way of a process (/proc/<pid>, /proc/self)' })

const text = z.string().max(65_536)
const line = z
  .string()
  .min(1)
  .max(1_000)
  .refine((value) => !/[\n\r\0]/.test(value), { message: 'must be one line' })
const kebabCase = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
  .max(100)
const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const mode = z.int().min(0).max(DIRECTORY_BITS)
const ownerId = z.int().min(0).max(0xffff_fffe)
const owner = z.strictObject({ uid: ownerId, gid: ownerId })
const kernelModuleName = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_-]*$/)
  .max(64)
const environment = z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), text)
const withoutNul = text.refine((value) => !value.includes('\0'), { message: 'must not hold a NUL byte' })

const cpuList = z
  .string()
  .max(4_096)
  .regex(/^\d{1,5}(-\d{1,5})?(,\d{1,5}(-\d{1,5})?)*$/)
const words = z.array(line.max(256)).min(1).max(16)
/** What a task is and where it is: these tell of the process itself and lead nowhere. */
const taskFile = z.string().regex(/^\/proc\/[1-9]\d{0,9}\/(stat|cgroup)$/)

const condition = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('equals'), path: absolutePath, value: text }),
  z.strictObject({ kind: z.literal('contains'), path: z.union([absolutePath, taskFile]), value: text.min(1) }),
  z.strictObject({ kind: z.literal('lacks'), path: absolutePath, value: text.min(1) }),
  z.strictObject({ kind: z.literal('within'), path: absolutePath, value: cpuList }),
  z.strictObject({ kind: z.literal('linksTo'), path: absolutePath, target: absolutePath }),
  z.strictObject({ kind: z.literal('exists'), path: absolutePath }),
  z.strictObject({ kind: z.literal('absent'), path: absolutePath }),
  z.strictObject({ kind: z.literal('sha256'), path: absolutePath, value: sha256 }),
  z.strictObject({
    kind: z.literal('parameter'),
    path: absolutePath,
    name: line.max(256),
    value: text.nullable(),
    after: z.strictObject({ names: words, values: words }).optional(),
    among: words.optional(),
    lines: z.enum(['linux', 'options', 'kernelopts']).optional(),
  }),
  z.strictObject({
    kind: z.literal('archive-member'),
    path: absolutePath,
    member: z
      .string()
      .min(1)
      .max(4096)
      .regex(/^[^/\0\n]/, { message: 'must be a name without a leading slash' }),
    sha256: sha256.optional(),
    absent: z.boolean().optional(),
  }),
  z.strictObject({ kind: z.literal('unheld'), path: absolutePath }),
  z.strictObject({
    kind: z.literal('unused'),
    path: absolutePath.refine((path) => isPciAddress(path.replace('/sys/bus/pci/devices/', '')), {
      message: 'must be /sys/bus/pci/devices/<address>',
    }),
    uses: z.array(z.enum(DEVICE_USE_KINDS)).max(DEVICE_USE_KINDS.length),
    functionUses: z.array(z.enum(DEVICE_USE_KINDS)).max(DEVICE_USE_KINDS.length).optional(),
  }),
])

const isCgroup = (path: string): boolean => path === '/sys/fs/cgroup' || path.startsWith('/sys/fs/cgroup/')

const common = {
  why: line,
  expect: z.array(condition).max(64).optional(),
  verify: z.array(condition).max(64).optional(),
  verifyWithin: z.int().min(1).max(LONGEST_WAIT).optional(),
  afterBoot: z.array(condition).max(64).optional(),
  unless: z.array(condition).max(64).optional(),
  onlyWhen: z.array(condition).max(64).optional(),
  scope: z.enum(['runtime', 'persistent']),
  irreversible: z
    .array(z.strictObject({ id: kebabCase, summary: line }))
    .max(64)
    .optional(),
  mayFail: z
    .strictObject({
      errors: z
        .array(z.string().regex(/^E[A-Z0-9]+$/))
        .min(1)
        .max(16),
      because: line,
    })
    .optional(),
  reveals: line.optional(),
}

const fileState = z.strictObject({ sha256, mode, uid: ownerId, gid: ownerId })
const givenContent = [
  z.strictObject({ text: z.string().max(16_777_216) }),
  z.strictObject({ base64: z.base64().max(16_777_216) }),
] as const
const newContent = z.union(givenContent)
/** Saved bytes may be anybody's secrets: only an undo puts them back, where they came from. */
const undoContent = z.union([...givenContent, z.strictObject({ saved: sha256 })])

const kinds = {
  writeAttribute: {
    ...common,
    kind: z.literal('write-attribute'),
    path: absolutePath.refine((path) => path.startsWith('/sys/') || path.startsWith('/proc/'), {
      message: 'write-attribute reaches only /sys and /proc',
    }),
    from: text.optional(),
    fromMayDiffer: z.boolean().optional(),
    mayGrantLess: z.boolean().optional(),
    timeout: z.int().min(1).max(86_400_000).optional(),
    value: text.min(1, { message: 'an empty value is refused: the kernel ignores an empty write' }),
  },
  writeFile: {
    ...common,
    kind: z.literal('write-file'),
    path: absolutePath,
    content: undoContent,
    mode,
    owner: owner.optional(),
    from: fileState.nullable().optional(),
  },
  writeLink: {
    ...common,
    kind: z.literal('write-link'),
    path: absolutePath,
    target: withoutNul.min(1),
    from: z.string().nullable().optional(),
  },
  removeFile: {
    ...common,
    kind: z.literal('remove-file'),
    path: absolutePath,
    from: z.union([fileState, z.strictObject({ link: z.string().min(1) })]).optional(),
  },
  createDirectory: {
    ...common,
    kind: z.literal('create-directory'),
    path: absolutePath,
    mode,
    owner: owner.optional(),
  },
  removeDirectory: {
    ...common,
    kind: z.literal('remove-directory'),
    path: absolutePath,
    mode,
    owner: owner.optional(),
    tasksTo: absolutePath.refine(isCgroup, { message: 'tasks go from one cgroup to another' }).optional(),
  },
  loadKernelModule: {
    ...common,
    kind: z.literal('load-kernel-module'),
    name: kernelModuleName,
    parameters: z.record(kernelModuleName, withoutNul).optional(),
  },
  unloadKernelModule: {
    ...common,
    kind: z.literal('unload-kernel-module'),
    name: kernelModuleName,
    parameters: z.record(kernelModuleName, withoutNul).optional(),
  },
  runCommand: {
    ...common,
    kind: z.literal('run-command'),
    command: withoutNul.min(1),
    args: z.array(withoutNul).max(1_000),
    env: environment.optional(),
    input: z.string().max(1_048_576).optional(),
    timeout: z.int().min(1).max(LONGEST_WAIT),
    outputs: z.array(absolutePath).max(1_000).optional(),
    regenerates: z.boolean().optional(),
    opaque: z.boolean().optional(),
  },
}

const undoChange = z.discriminatedUnion('kind', [
  z.strictObject(kinds.writeAttribute),
  z.strictObject(kinds.writeFile),
  z.strictObject(kinds.writeLink),
  z.strictObject(kinds.removeFile),
  z.strictObject(kinds.createDirectory),
  z.strictObject(kinds.removeDirectory),
  z.strictObject(kinds.loadKernelModule),
  z.strictObject(kinds.unloadKernelModule),
  z.strictObject(kinds.runCommand),
])

const undo = z.union([z.array(undoChange).max(64), z.strictObject({ none: line })])

/** Schema of a change as a module returns it. */
export const changeSchema: z.ZodType<Change> = changeWith({ undo: undo.optional() }) as unknown as z.ZodType<Change>

/** Schema of a change in a plan: its undo is fixed. */
export const plannedChangeSchema: z.ZodType<PlannedChange> = changeWith({
  undo,
  module: kebabCase.optional(),
}) as unknown as z.ZodType<PlannedChange>

/** Schema of a change inside an undo list. */
export const undoChangeSchema: z.ZodType<UndoChange> = undoChange as unknown as z.ZodType<UndoChange>

function changeWith(members: Readonly<Record<string, z.ZodType>>): z.ZodType {
  return z.discriminatedUnion('kind', [
    z.strictObject({ ...kinds.writeAttribute, ...members }),
    z.strictObject({ ...kinds.writeFile, content: newContent, ...members }),
    z.strictObject({ ...kinds.writeLink, ...members }),
    z.strictObject({ ...kinds.removeFile, ...members }),
    z.strictObject({ ...kinds.createDirectory, ...members }),
    z.strictObject({ ...kinds.removeDirectory, ...members }),
    z.strictObject({ ...kinds.loadKernelModule, ...members }),
    z.strictObject({ ...kinds.unloadKernelModule, ...members }),
    z.strictObject({ ...kinds.runCommand, ...members }),
  ])
}
