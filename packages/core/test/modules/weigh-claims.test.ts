import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Isolation } from '../../src/contract/runnable-module.js'
import { discoverModules } from '../../src/modules/discover.js'
import type { DiscoveredModule } from '../../src/modules/discovered-module.js'
import { type Claim, createModulePolicy, type Origin, weighClaims } from '../../src/modules/module-policy.js'
import { folderOf, packageIn, userIn } from './package-tree.js'

const ISOLATIONS = [undefined, 'sandbox', 'subprocess', 'in-process'] as const
const ORIGINS: readonly Origin[] = ['own', 'named', 'extension', 'project', 'present']

const module: DiscoveredModule = {
  id: 'fans',
  type: 'host',
  version: '1.0.0',
  source: 'fans',
  path: '/nowhere/fans/module.js',
  code: { directory: '/nowhere/fans', entry: 'module.js', kind: 'javascript' },
  diagnostics: [],
}
const claimOf = (origin: Origin, isolation: Isolation | undefined): Claim => ({
  module,
  origin,
  ...(isolation === undefined ? {} : { isolation }),
})
const decide = createModulePolicy(userIn(), () => undefined)
const claim = fc.tuple(fc.constantFrom(...ORIGINS), fc.constantFrom(...ISOLATIONS)).map(([o, i]) => claimOf(o, i))

describe('claims for one module', () => {
  it.each([
    [undefined, undefined, 'sandbox false'],
    [undefined, 'in-process', 'sandbox false'],
    [undefined, 'subprocess', 'sandbox false'],
    [undefined, 'sandbox', 'sandbox false'],
    ['sandbox', 'in-process', 'sandbox false'],
    ['subprocess', 'in-process', 'subprocess false'],
    ['subprocess', 'sandbox', 'subprocess false'],
    ['in-process', 'sandbox', 'in-process true'],
  ] as const)('the user says %s, a project %s: %s', async (byUser, byProject, expected) => {
    const claims = [claimOf('named', byUser), claimOf('project', byProject)]
    for (const order of [claims, claims.toReversed()]) {
      const { isolation, trusted } = await decide(weighClaims(order))
      expect(`${isolation} ${trusted}`).toBe(expected)
    }
  })

  it('never run further out because a project says so, whatever else is said', async () => {
    const reach = ['sandbox', 'subprocess', 'in-process']
    await fc.assert(
      fc.asyncProperty(
        fc.array(claim, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(...ISOLATIONS),
        async (claims, said) => {
          const before = await decide(weighClaims(claims))
          for (const order of [
            [...claims, claimOf('project', said)],
            [claimOf('project', said), ...claims],
          ]) {
            const after = await decide(weighClaims(order))
            if (after.trusted) expect(before.trusted).toBe(true)
            expect(reach.indexOf(String(after.isolation))).toBeLessThanOrEqual(reach.indexOf(String(before.isolation)))
          }
        },
      ),
    )
  })

  it('leave what the program brings where it is, whatever a project says', async () => {
    for (const said of ISOLATIONS) {
      const after = await decide(weighClaims([claimOf('project', said), claimOf('own', undefined)]))
      expect(after).toMatchObject({ isolation: 'in-process', trusted: true })
    }
  })

  it('a project that asks for this process does not get it because the user names the module', async () => {
    const modules = [{ module: './evil', isolation: 'in-process' }]
    const root = folderOf({
      'janus.config.json': { schema: 'janus.config/1', modules },
      ...packageIn('evil', { id: 'evil', code: 'throw new Error("ran")' }),
    })
    const named = { kind: 'named', name: join(root, 'evil'), from: '/' } as const
    const project = { kind: 'project', directory: root } as const
    for (const sources of [
      [named, project],
      [project, named],
    ]) {
      expect(await discoverModules(sources, userIn())).toMatchObject([
        { id: 'evil', standing: 'enabled', isolation: 'sandbox', trusted: false },
      ])
    }
  })
})
