import * as z from '../zod.js'
import { normaliseHostPath } from './host-path.js'
import { MAXIMUM_TEXT_BYTES } from './read-bounded.js'

/** Most entries of a snapshot: far above the largest machine, far below what exhausts memory. */
export const MAXIMUM_ENTRIES = 2_000_000

const MAXIMUM_PATH = 4096
const MAXIMUM_NAME = 255

const ownership = {
  mode: z.int().min(0).max(0o7777).optional(),
  uid: z.int().min(0).max(0xffffffff).optional(),
  gid: z.int().min(0).max(0xffffffff).optional(),
}

const nameInDirectory = z
  .string()
  .min(1)
  .max(MAXIMUM_NAME)
  .refine((name) => name !== '.' && name !== '..' && !/[/\0]/.test(name), 'not the name of a file in a directory')

const linkTarget = z
  .string()
  .min(1)
  .max(MAXIMUM_PATH)
  .refine((target) => !target.includes('\0'), 'contains a NUL')

/** Schemas of one captured path, by the member that tells which kind it is. */
export const snapshotEntrySchemas = {
  text: z.strictObject({ text: z.string().max(MAXIMUM_TEXT_BYTES), ...ownership }),
  link: z.strictObject({ link: linkTarget, ...ownership }),
  names: z.strictObject({ names: z.array(nameInDirectory).max(MAXIMUM_ENTRIES), ...ownership }),
  device: z.strictObject({
    device: z.string().regex(/^\d{1,10}:\d{1,10}$/),
    type: z.enum(['character-device', 'block-device']),
    ...ownership,
  }),
  unreadable: z.strictObject({ unreadable: z.string().max(64), ...ownership }),
  absent: z.strictObject({ absent: z.literal(true), ...ownership }),
} as const

/** Schema of everything of a snapshot but its entries, which are checked one by one so that the bad one can be named. */
export const snapshotHeadSchema = z.strictObject({
  schema: z.literal('janus.snapshot/1'),
  capturedAt: z.string().max(64),
  janusVersion: z.string().max(64),
  masked: z.boolean(),
  entries: z.record(z.string(), z.unknown()),
  queries: z.record(z.string().max(1_000_000), z.unknown()),
})

/** True for a path that may be a key of a snapshot: absolute, normalised, of bounded length. */
export function isSnapshotPath(path: string): boolean {
  return path.length <= MAXIMUM_PATH && normaliseHostPath(path) === path
}
