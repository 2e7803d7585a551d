import type { Change, Condition, UndoChange } from '@janus/core'
import fc from 'fast-check'

const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,12}$/)
const line = fc.stringMatching(/^[ -~]{1,60}$/)
const segments = fc.array(
  fc.stringMatching(/^[A-Za-z0-9:._-]{1,12}$/).filter((part) => !/^\.+$/.test(part)),
  { minLength: 1, maxLength: 5 },
)
const path = segments.map((parts) => `/${parts.join('/')}`)
const pseudoPath = fc
  .tuple(fc.constantFrom('/sys', '/proc'), segments)
  .map(([root, parts]) => `${root}/${parts.join('/')}`)
  .filter((path) => !/^\/proc\/(\d+|self|thread-self)(\/|$)/.test(path))
const mode = fc.integer({ min: 0, max: 0o7777 })
const identifier = fc.integer({ min: 0, max: 0xffff_fffe })
const owner = fc.record({ uid: identifier, gid: identifier })
const sha256 = fc.stringMatching(/^[0-9a-f]{64}$/)
const fileState = fc.record({ sha256, mode, uid: identifier, gid: identifier })
const text = fc.string({ maxLength: 200 })
const nonEmpty = fc.string({ minLength: 1, maxLength: 200 })

const condition: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({ kind: fc.constant('equals' as const), path, value: text }),
  fc.record({ kind: fc.constantFrom('contains' as const, 'lacks' as const), path, value: nonEmpty }),
  fc.record({ kind: fc.constant('linksTo' as const), path, target: path }),
  fc.record({ kind: fc.constantFrom('exists' as const, 'absent' as const, 'unheld' as const), path }),
  fc.record({ kind: fc.constant('sha256' as const), path, value: sha256 }),
  fc.record(
    {
      kind: fc.constant('parameter' as const),
      path,
      name: line,
      value: fc.option(text),
      lines: fc.constantFrom('linux' as const, 'options' as const, 'kernelopts' as const),
    },
    { requiredKeys: ['kind', 'path', 'name', 'value'] },
  ),
)

const common = {
  why: line,
  scope: fc.constantFrom('runtime' as const, 'persistent' as const),
  expect: fc.array(condition, { maxLength: 3 }),
  verify: fc.array(condition, { maxLength: 3 }),
  irreversible: fc.array(fc.record({ id: fc.stringMatching(/^[a-z]+(-[a-z]+)?$/), summary: line }), { maxLength: 2 }),
}
const optional = { requiredKeys: ['kind', 'path', 'why', 'scope'] as never[] }

/** A change without its undo, of any kind. */
export const undoChangeArbitrary: fc.Arbitrary<UndoChange> = fc.oneof(
  fc.record(
    { kind: fc.constant('write-attribute' as const), path: pseudoPath, from: text, value: nonEmpty, ...common },
    { requiredKeys: ['kind', 'path', 'value', 'why', 'scope'] },
  ),
  fc.record(
    {
      kind: fc.constant('write-file' as const),
      path,
      content: fc.oneof(
        fc.record({ text }),
        fc.record({ saved: sha256 }),
        fc.record({ base64: fc.base64String({ maxLength: 80 }) }),
      ),
      mode,
      owner,
      from: fc.option(fileState, { nil: null }),
      ...common,
    },
    { requiredKeys: ['kind', 'path', 'content', 'mode', 'why', 'scope'] },
  ),
  fc.record(
    {
      kind: fc.constant('remove-file' as const),
      path,
      from: fc.oneof(fileState, fc.record({ link: line })),
      ...common,
    },
    optional,
  ),
  fc.record(
    { kind: fc.constantFrom('create-directory' as const, 'remove-directory' as const), path, mode, owner, ...common },
    { requiredKeys: ['kind', 'path', 'mode', 'why', 'scope'] },
  ),
  fc.record(
    {
      kind: fc.constantFrom('load-kernel-module' as const, 'unload-kernel-module' as const),
      name,
      parameters: fc.dictionary(name, line),
      ...common,
    },
    { requiredKeys: ['kind', 'name', 'why', 'scope'] },
  ),
  fc.record(
    {
      kind: fc.constant('run-command' as const),
      command: path,
      args: fc.array(line, { maxLength: 4 }),
      env: fc.dictionary(name, line),
      timeout: fc.integer({ min: 1, max: 86_400_000 }),
      outputs: fc.array(path, { maxLength: 2 }),
      regenerates: fc.boolean(),
      ...common,
    },
    { requiredKeys: ['kind', 'command', 'args', 'timeout', 'why', 'scope'] },
  ),
) as fc.Arbitrary<UndoChange>

/** A change as a module may return it: with an undo list, with a reason for none, or without either. */
export const changeArbitrary: fc.Arbitrary<Change> = fc
  .tuple(
    undoChangeArbitrary,
    fc.option(fc.oneof(fc.array(undoChangeArbitrary, { maxLength: 3 }), fc.record({ none: line })), { nil: undefined }),
  )
  .filter(([change]) => !(change.kind === 'write-file' && 'saved' in change.content))
  .map(([change, undo]) => (undo === undefined ? change : { ...change, undo }))
