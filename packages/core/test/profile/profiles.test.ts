import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createJanus, createLiveHost, type Janus, type JanusModule } from '@janus/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { listProfiles, readProfile } from '../../src/profile/find-profiles.js'
import { PROFILE_MODULES } from './profile-modules.js'

const text = (name: string, modules = '[{ module: test-lines, options: { file: /etc/lines, line: one } }]') =>
  `schema: janus.profile/1\nname: ${name}\nmodules: ${modules}\n`

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'janus-profiles-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('finding a profile', () => {
  const uid = process.getuid?.() ?? 0
  const directories = (name: string) => {
    mkdirSync(join(folder, name, 'profiles'), { recursive: true })
    return { config: join(folder, name), state: '', cache: '', data: '' }
  }
  const search = () => ({
    user: { uid, owner: uid, directories: [directories('own'), directories('caller')] as const },
    from: folder,
  })

  it('takes a name from any of the directories, and a path from anywhere', async () => {
    const where = search()
    writeFileSync(join(folder, 'own/profiles/vm.yaml'), text('vm'))
    writeFileSync(join(folder, 'caller/profiles/games.yml'), text('games'))
    writeFileSync(join(folder, 'lonely.yaml'), text('any-name'))
    expect((await readProfile('vm', where)).path).toBe(join(folder, 'own/profiles/vm.yaml'))
    expect((await readProfile('games', where)).profile.name).toBe('games')
    expect((await readProfile('lonely.yaml', where)).profile.name).toBe('any-name')
    expect((await readProfile('./lonely.yaml', where)).path).toBe(join(folder, 'lonely.yaml'))
  })

  it('names both files of one name', async () => {
    const where = search()
    for (const path of ['own/profiles/vm.yaml', 'caller/profiles/vm.json'])
      writeFileSync(join(folder, path), text('vm'))
    await expect(readProfile('vm', where)).rejects.toMatchObject({
      code: 'JANUS_FILE_INVALID',
      message: expect.stringMatching(/own\/profiles\/vm\.yaml, .*caller\/profiles\/vm\.json/),
    })
  })

  it('gives the nearest name where there is none', async () => {
    const where = search()
    writeFileSync(join(folder, 'own/profiles/games.yaml'), text('games'))
    await expect(readProfile('gamse', where)).rejects.toThrow('there is no profile "gamse"; games?')
  })

  it('refuses a file whose profile has another name', async () => {
    const where = search()
    writeFileSync(join(folder, 'own/profiles/vm.yaml'), text('other'))
    await expect(readProfile('vm', where)).rejects.toThrow(/name: it is other, and the file is vm/)
  })

  it('refuses what is no small regular file', async () => {
    const where = search()
    mkdirSync(join(folder, 'dir.yaml'))
    writeFileSync(join(folder, 'long.yaml'), `#${'x'.repeat(300_000)}`)
    for (const name of ['dir.yaml', 'long.yaml', 'absent.yaml']) {
      await expect(readProfile(name, where)).rejects.toMatchObject({ code: 'JANUS_FILE_INVALID' })
    }
  })

  it.runIf(uid === 0)('refuses as root what somebody else could replace, also by way of a link', async () => {
    const where = search()
    const path = join(folder, 'own/profiles/vm.yaml')
    writeFileSync(path, text('vm'))
    chmodSync(path, 0o666)
    symlinkSync(path, join(folder, 'link.yaml'))
    for (const name of ['vm', 'link.yaml']) {
      await expect(readProfile(name, where)).rejects.toMatchObject({ code: 'JANUS_MODULE_PATH_UNSAFE' })
    }
  })

  it('lists all, and says what is wrong with those that cannot be read', async () => {
    const where = search()
    writeFileSync(join(folder, 'own/profiles/vm.yaml'), text('vm'))
    writeFileSync(join(folder, 'caller/profiles/broken.yaml'), 'schema: [')
    writeFileSync(join(folder, 'own/profiles/notes.txt'), 'no profile')
    expect(await listProfiles(where)).toMatchObject([
      { name: 'broken', problem: expect.stringContaining('broken.yaml:') },
      { name: 'vm', profile: { name: 'vm' } },
    ])
  })
})

describe('a profile on files of a root', () => {
  let janus: Janus
  const file = (name: string) => readFileSync(join(folder, 'root/etc', name), 'utf8')

  beforeEach(() => {
    mkdirSync(join(folder, 'root/etc'), { recursive: true })
    writeFileSync(join(folder, 'root/etc/lines'), 'zero\n')
    janus = createJanus({
      host: createLiveHost({ root: join(folder, 'root') }),
      stateDirectory: join(folder, 'state'),
      sources: PROFILE_MODULES.map((module) => ({ kind: 'module', module: module as unknown as JanusModule })),
    })
  })
  afterEach(() => janus.close())

  const profile = {
    schema: 'janus.profile/1',
    name: 'lines',
    modules: ['one', 'two'].map((line) => ({ module: 'test-lines', options: { file: '/etc/lines', line } })),
  } as const

  it('differs, is applied, differs no longer, and is rolled back as one', async () => {
    expect(await janus.diffProfile(profile)).toMatchObject({
      same: false,
      modules: [{ module: 'test-lines', differences: [{ path: '/etc/lines' }] }],
      drift: [],
    })
    const planned = await janus.planProfile(profile)
    expect(await janus.applyProfile(planned)).toMatchObject({ outcome: 'applied', steps: [{}, {}] })
    expect(file('lines')).toBe('zero\none\ntwo\n')
    expect(await janus.diffProfile(profile)).toMatchObject({ same: true, drift: [] })
    const [report] = await janus.rollback({ module: 'profile:lines' })
    expect(report?.outcome).toBe('undone')
    expect(file('lines')).toBe('zero\n')
  })

  it('is a plan like any other: it can be written to a file, read and applied', async () => {
    const { plan } = await janus.planProfile(profile)
    const read = await janus.readPlan(JSON.parse(JSON.stringify(plan)))
    expect(await janus.apply(read)).toMatchObject({ outcome: 'applied' })
    expect(await janus.planProfile(profile)).toMatchObject({ plan: { changes: [] }, waiting: [] })
  })

  it('is refused when it is malformed, or names a module that there is not', async () => {
    const malformed = { ...profile, modules: [{ module: 'test-lines', optoins: {} }] }
    await expect(janus.planProfile(malformed as never)).rejects.toMatchObject({ code: 'JANUS_CONFIG_INVALID' })
    const unknown = { ...profile, modules: [{ module: 'test-lnies' }] }
    await expect(janus.planProfile(unknown)).rejects.toMatchObject({ code: 'JANUS_MODULE_NOT_FOUND' })
  })

  it('is not begun when modules wait and nobody is there to agree to their plan', async () => {
    const planned = await janus.planProfile(profile)
    const waiting = [{ module: 'test-bind', until: ['x'], because: 'y' }]
    await expect(janus.applyProfile({ ...planned, waiting })).rejects.toMatchObject({ code: 'JANUS_USAGE' })
    expect(file('lines')).toBe('zero\n')
  })
})
