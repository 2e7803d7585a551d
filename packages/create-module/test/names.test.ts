import { isModuleId, isPackageName } from '@janus/create-module'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { manifestSchema } from '../../core/src/modules/manifest-schema.js'
import { isPackageName as coreTakesPackage } from '../../core/src/modules/package-file.js'

const words = fc.oneof(fc.string({ maxLength: 12 }), fc.stringMatching(/^[a-zA-Z0-9._@/~-]{1,12}$/))

test('an id is what the manifest of core takes as one', () => {
  fc.assert(
    fc.property(fc.oneof(words, fc.stringMatching(/^[a-z]{99,101}$/)), (id) => {
      const manifest = { api: 1, modules: [{ id, type: 'host', entry: './index.js' }] }
      expect(isModuleId(id)).toBe(manifestSchema.safeParse(manifest).success)
    }),
  )
})

test('a package name is one that core takes for a package', () => {
  fc.assert(
    fc.property(words, (name) => {
      fc.pre(isPackageName(name))
      expect(coreTakesPackage(name)).toBe(true)
    }),
  )
})

test('package names are those of npm', () => {
  for (const name of ['fans', 'janus-module-fans', '@somebody/fans', '@s/f.x_y~z'])
    expect(isPackageName(name), name).toBe(true)
  for (const name of ['', '@somebody', '@/fans', 'a/b', '_fans', '.fans', 'F', 'a b', `a${'b'.repeat(214)}`, 'a\n']) {
    expect(isPackageName(name), name).toBe(false)
  }
})
