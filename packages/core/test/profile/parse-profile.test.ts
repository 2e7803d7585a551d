import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseProfile } from '../../src/profile/parse-profile.js'
import { profileJsonSchema } from '../../src/profile/profile-json-schema.js'

const GOOD = `# yaml-language-server: $schema=./profile.schema.json
schema: janus.profile/1
name: vm
summary: a machine for games
modules:
  - module: cpu-hugepages
    options: { pages: 512, node: 0 }
  - module: gpu-vfio
    after: [cpu-hugepages]
    options:
      devices: ['0000:03:00.0']
`

const profileWith = (modules: string) => `schema: janus.profile/1\nname: vm\nmodules:\n${modules}`

describe('the text of a profile', () => {
  it('is YAML', async () => {
    expect(await parseProfile(GOOD, 'vm.yaml')).toEqual({
      schema: 'janus.profile/1',
      name: 'vm',
      summary: 'a machine for games',
      modules: [
        { module: 'cpu-hugepages', options: { pages: 512, node: 0 } },
        { module: 'gpu-vfio', after: ['cpu-hugepages'], options: { devices: ['0000:03:00.0'] } },
      ],
    })
  })

  it('is JSON, which may name its schema for the editor', async () => {
    const profile = { schema: 'janus.profile/1', name: 'vm', modules: [{ module: 'cpu-smt' }] }
    const text = JSON.stringify({ $schema: 'https://example.org/profile.schema.json', ...profile }, null, '\t')
    expect(await parseProfile(`\uFEFF${text}`, 'vm.json')).toEqual(profile)
  })

  it.each([
    ['an unknown member of the file', `${GOOD}sumary: x\n`, 'vm.yaml:12:1: sumary is unknown; summary?'],
    [
      'an unknown member of a module',
      profileWith('  - module: gpu-vfio\n    optoins: {}\n'),
      'vm.yaml:5:5: modules[0].optoins is unknown; options?',
    ],
    ['a module without its id', profileWith('  - options: {}\n'), /^vm\.yaml:4:5: modules\[0\]\.module: /],
    ['an id that is none', profileWith('  - module: Gpu Vfio\n'), /^vm\.yaml:4:13: modules\[0\]\.module: /],
    ['no modules', 'schema: janus.profile/1\nname: vm\nmodules: []\n', /^vm\.yaml:3:10: modules: /],
    ['another schema', GOOD.replace('profile/1', 'profile/2'), /^vm\.yaml:2:9: schema: /],
    ['nothing', '', /a profile is a map/],
    ['a list', '- a\n- b\n', /a profile is a map|the file/],
    ['a key that is there twice', `${GOOD}name: other\n`, 'vm.yaml:12:1: a key is there twice'],
    [
      'an option that is there twice',
      profileWith('  - module: a\n    options:\n      pages: 1\n      pages: 2\n'),
      'vm.yaml:7:7: a key is there twice',
    ],
    ['broken YAML', 'schema: [\n', /^vm\.yaml:\d+:\d+: /],
    ['two documents', `${GOOD}---\n${GOOD}`, /^vm\.yaml:\d+:\d+: /],
    ['an anchor', GOOD.replace('name: vm', 'name: &n vm'), /anchors \(&name\) are not taken/],
    ['an alias', GOOD.replace('name: vm', 'name: &n vm').replace('summary: a', 'summary: *n #'), /are not taken/],
    ['a tag', GOOD.replace('name: vm', 'name: !!js/function vm'), /^vm\.yaml:3:/],
    ['a tag of its own', GOOD.replace('name: vm', 'name: !secret vm'), /^vm\.yaml:3:/],
    ['a binary', GOOD.replace('name: vm', 'name: !!binary dm0='), /^vm\.yaml:3:/],
    [
      'a merge key',
      profileWith('  - module: a\n    options: { <<: { a: 1 } }\n    <<: { after: [b] }\n'),
      /<< is unknown/,
    ],
    ['a key that is a number', profileWith('  - module: a\n    options: { 1: a }\n'), /a key must be a text/],
    ['a key that is a list', profileWith('  - module: a\n    options: { [a]: a }\n'), /a key must be a text/],
    ['a number that is none', profileWith('  - module: a\n    options: { a: .nan }\n'), /^vm\.yaml:5:/],
    ['an infinite number', profileWith('  - module: a\n    options: { a: .inf }\n'), /^vm\.yaml:5:/],
  ])('refuses %s, with line and column', async (_, text, message) => {
    await expect(parseProfile(text, 'vm.yaml')).rejects.toMatchObject({
      code: 'JANUS_CONFIG_INVALID',
      message: typeof message === 'string' ? message : expect.stringMatching(message),
    })
  })

  it('refuses a bomb of aliases at once', async () => {
    const levels = [...Array(12).keys()].map(
      (level) => `a${level}: &a${level} [${`*a${level - 1},`.repeat(level ? 9 : 0)}]`,
    )
    await expect(parseProfile(levels.join('\n'), 'vm.yaml')).rejects.toMatchObject({ code: 'JANUS_CONFIG_INVALID' })
  })

  it('refuses what is nested deeper than anybody can read', async () => {
    const deep = profileWith(`  - module: a\n    options: { a: ${'['.repeat(50_000)}`)
    await expect(parseProfile(deep, 'vm.yaml')).rejects.toMatchObject({ code: 'JANUS_CONFIG_INVALID' })
  })

  it('lets no member replace a prototype', async () => {
    const text = profileWith('  - module: a\n    options: { __proto__: { polluted: true } }\n')
    await parseProfile(text, 'vm.yaml').catch(() => {})
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  it('refuses JSON that only YAML would take, and JSON with a member twice', async () => {
    await expect(parseProfile(GOOD, 'vm.json')).rejects.toThrow(/vm\.json: it is not JSON/)
    const twice = '{"schema":"janus.profile/1","name":"a","name":"b","modules":[{"module":"c"}]}'
    await expect(parseProfile(twice, 'vm.json')).rejects.toThrow('vm.json:1:40: a key is there twice')
  })

  it('answers any text with a profile or with what is wrong', async () => {
    const lines = fc.constantFrom(
      'schema: janus.profile/1',
      'name: vm',
      'modules:',
      '  - module: a',
      '    options: {a: 1}',
      '*a',
      '&a b',
      '!!set',
      '? x',
      '---',
      '"',
      '\t',
      '{',
      ']',
    )
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          fc.array(lines).map((some) => some.join('\n')),
        ),
        async (text) => {
          const read = await parseProfile(text, 'vm.yaml').catch((error: { code?: string }) => error)
          if ('code' in read) expect(read.code).toBe('JANUS_CONFIG_INVALID')
          else expect(read).toMatchObject({ schema: 'janus.profile/1' })
        },
      ),
    )
  })

  it('is described by the JSON Schema that the package publishes', () => {
    const published = readFileSync(new URL('../../profile.schema.json', import.meta.url), 'utf8')
    expect(JSON.parse(published), 'run npm run docs:profile-schema').toEqual(profileJsonSchema())
  })
})
