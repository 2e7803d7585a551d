import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Executor, RunResult } from '../../src/contract/executor.js'
import type { Extensions } from '../../src/contract/extensions.js'
import { createLocalExecutor } from '../../src/executor/local-executor.js'
import { changesBetween } from '../../src/extensions/changes-between.js'
import { createExtensions } from '../../src/extensions/index.js'
import { packageDigest } from '../../src/extensions/package-digest.js'
import { discoverModules } from '../../src/modules/discover.js'
import type { PackageOptions } from '../modules/package-tree.js'
import { folderOf, packageIn, registryOfSources, userIn } from '../modules/package-tree.js'

interface Home {
  readonly home: string
  readonly extensions: Extensions
  readonly place: string
  rows(): Promise<readonly string[]>
}

/** A user with real npm; packages come from folders, so that no registry is asked. */
function homeWith(options: PackageOptions = {}, executor: Executor = createLocalExecutor()): Home {
  const commands = ['fans', 'fans stop'].map((name) => ({ name, summary: 'Shows fans.', entry: './command.js' }))
  const manifest = { api: 1, modules: [{ id: 'fan-curve', type: 'host', entry: './module.js' }], commands }
  const home = folderOf({
    ...packageIn('fans', { manifest, fields: { scripts: { postinstall: 'touch ran' } }, ...options }),
    'fans/command.js': 'export const run = async () => ({ data: null, text: "" })',
  })
  const user = userIn(home, process.getuid?.() ?? 0)
  const sources = [{ kind: 'extensions' }] as const
  const env = { PATH: process.env.PATH, HOME: home, npm_config_offline: 'true' }
  const extensions = createExtensions({
    user,
    executor,
    env,
    cwd: home,
    found: () => discoverModules(sources, user),
  })
  return {
    home,
    extensions,
    place: join(extensions.directory, 'node_modules/janus-module-fan-curve'),
    rows: async () =>
      (await registryOfSources(sources, user).rows()).map(
        ({ id, status, isolation, trusted }) => `${id} ${status} ${isolation} ${trusted}`,
      ),
  }
}

describe('extensions', () => {
  it('are shown, installed without their scripts, pinned, trusted, and taken away', async () => {
    const { home, extensions, place, rows } = homeWith()
    const preview = await extensions.preview('./fans')
    expect(preview).toMatchObject({
      spec: join(home, 'fans'),
      name: 'janus-module-fan-curve',
      version: '1.2.3',
      brings: { modules: [{ id: 'fan-curve', type: 'host' }], commands: ['fans', 'fans stop'] },
    })
    expect(existsSync(extensions.directory)).toBe(false)

    expect(await extensions.add(preview)).toMatchObject({ name: 'janus-module-fan-curve', trusted: false })
    expect(existsSync(join(place, 'ran'))).toBe(false)
    expect(statSync(extensions.directory).mode & 0o777).toBe(0o700)
    expect(JSON.parse(readFileSync(join(extensions.directory, 'package.json'), 'utf8'))).toMatchObject({
      private: true,
    })
    expect(await rows()).toEqual(['fan-curve enabled sandbox false'])
    expect(await extensions.preview('./fans')).toMatchObject({ installed: '1.2.3' })

    const review = await extensions.reviewTrust('fan-curve')
    expect(review).toMatchObject({ name: 'janus-module-fan-curve', changes: [], pinned: { trusted: false } })
    await extensions.trust(review)
    expect(await rows()).toEqual(['fan-curve enabled in-process true'])
    expect(await extensions.list()).toMatchObject([{ trusted: true, diagnostics: [] }])

    expect(await extensions.remove('fan-curve')).toMatchObject({ name: 'janus-module-fan-curve' })
    expect(existsSync(place)).toBe(false)
    expect(await rows()).toEqual([])
    expect(await extensions.list()).toEqual([])
  })

  it('that bring nothing but a check for janus doctor are shown, added and pinned too: it would run with all rights', async () => {
    const checks = [{ name: 'fan-speed', summary: 'Looks at the fans.', entry: './check.js' }]
    const { extensions } = homeWith({ manifest: { api: 1, modules: [], checks } })
    const preview = await extensions.preview('./fans')
    expect(preview.brings).toEqual({ modules: [], commands: [], checks: ['fan-speed'] })
    expect(await extensions.add(preview)).toMatchObject({ brings: { checks: ['fan-speed'] }, diagnostics: [] })
    const { now } = await extensions.reviewTrust('janus-module-fan-curve')
    expect(now.brings.checks).toEqual(['fan-speed'])
    expect(changesBetween({ ...now, brings: { modules: [], commands: [] } }, now)).toEqual(['new check fan-speed'])
  })

  it('that bring nothing but tools for an agent are shown, added and pinned too', async () => {
    const tools = [{ name: 'count', summary: 'Counts lines.', command: ['wc', '-l'], arguments: {} }]
    const { extensions } = homeWith({ manifest: { api: 1, modules: [], tools } })
    const preview = await extensions.preview('./fans')
    expect(preview.brings).toEqual({ modules: [], commands: [], tools: ['count'] })
    expect(await extensions.add(preview)).toMatchObject({ brings: { tools: ['count'] }, diagnostics: [] })
    expect(await extensions.list()).toMatchObject([{ brings: { tools: ['count'] }, diagnostics: [] }])
    const lock = JSON.parse(readFileSync(join(extensions.directory, 'janus.lock.json'), 'utf8'))
    expect(lock.modules['janus-module-fan-curve'].brings.tools).toEqual(['count'])
  })

  it('are blocked when a file changes, and say what changed until they are trusted again', async () => {
    const { extensions, place, rows } = homeWith()
    await extensions.add(await extensions.preview('./fans'))
    await extensions.trust(await extensions.reviewTrust('fan-curve'))
    writeFileSync(join(place, 'module.js'), 'throw new Error("patched")')
    expect(await rows()).toEqual(['fan-curve blocked sandbox false'])
    expect(await extensions.list()).toMatchObject([
      { trusted: false, diagnostics: [{ code: 'JANUS_MODULE_INTEGRITY' }] },
    ])
    const review = await extensions.reviewTrust('fan-curve')
    expect(review.changes).toEqual([expect.stringMatching(/^files sha256-\S+ → sha256-\S+$/)])
    await extensions.trust(review)
    expect(await rows()).toEqual(['fan-curve enabled in-process true'])
  })

  it('are not trusted in another state than the one that was read', async () => {
    const { extensions, place, rows } = homeWith()
    await extensions.add(await extensions.preview('./fans'))
    const review = await extensions.reviewTrust('janus-module-fan-curve')
    writeFileSync(join(place, 'module.js'), 'patched while somebody reads')
    await expect(extensions.trust(review)).rejects.toMatchObject({ code: 'JANUS_MODULE_INTEGRITY' })
    expect(await rows()).toEqual(['fan-curve blocked sandbox false'])
  })

  it('lose their trust with a new version, and the review names what is new', async () => {
    const { home, extensions, rows } = homeWith()
    await extensions.add(await extensions.preview('./fans'))
    await extensions.trust(await extensions.reviewTrust('fan-curve'))
    const path = join(home, 'fans/package.json')
    const manifest = { api: 1, modules: [{ id: 'fan-speed', type: 'host', entry: './module.js' }] }
    const next = { ...JSON.parse(readFileSync(path, 'utf8')), version: '1.3.0', janus: manifest }
    writeFileSync(path, JSON.stringify(next))
    await extensions.add(await extensions.preview('./fans'))
    expect(await rows()).toEqual(['fan-speed enabled sandbox false'])
  })

  it('that somebody put there without asking Janus are available, and run nowhere', async () => {
    const { extensions, rows } = homeWith()
    await extensions.add(await extensions.preview('./fans'))
    writeFileSync(
      join(extensions.directory, 'janus.lock.json'),
      JSON.stringify({ schema: 'janus.lock/1', modules: {} }),
    )
    expect(await rows()).toEqual(['fan-curve available sandbox false'])
  })

  it('are blocked, and told, when the file that pins them is malformed', async () => {
    const { extensions, rows } = homeWith()
    await extensions.add(await extensions.preview('./fans'))
    writeFileSync(join(extensions.directory, 'janus.lock.json'), '{')
    expect(await rows()).toEqual(['janus.lock.json failed sandbox false', 'fan-curve available sandbox false'])
    await expect(extensions.list()).rejects.toMatchObject({ code: 'JANUS_LOCK_INVALID' })
  })

  it.each([
    ['git+https://forge.example/fans.git', 'JANUS_USAGE'],
    ['https://forge.example/fans.tgz', 'JANUS_USAGE'],
    ['fans@file:../x', 'JANUS_USAGE'],
    ['--global', 'JANUS_USAGE'],
    ['fans@npm:other', 'JANUS_USAGE'],
    ['', 'JANUS_USAGE'],
    ['./nothing', 'JANUS_PACKAGE_NOT_FOUND'],
  ])('cannot be looked at first as %j, and are refused', async (spec, code) => {
    await expect(homeWith().extensions.preview(spec)).rejects.toMatchObject({ code })
  })

  it.each([
    [{ manifest: { api: 2, modules: [{ id: 'fan-curve', type: 'host' }] } }, 'JANUS_MODULE_API_UNSUPPORTED'],
    [{ manifest: { api: 1, modules: 'all' } }, 'JANUS_MODULE_MANIFEST_INVALID'],
    [{ manifest: { api: 1, modules: [] } }, 'JANUS_MODULE_MANIFEST_INVALID'],
  ])('that bring nothing which runs here are not installed: %j', async (options, code) => {
    await expect(homeWith(options).extensions.preview('./fans')).rejects.toMatchObject({ code })
  })

  it('cannot be removed when they are not there', async () => {
    await expect(homeWith().extensions.remove('fans')).rejects.toMatchObject({ code: 'JANUS_PACKAGE_NOT_FOUND' })
  })

  it('of the running program need no trust', async () => {
    const { home } = homeWith()
    const user = userIn(home, process.getuid?.() ?? 0)
    const root = folderOf({
      'package.json': { name: 'cli', dependencies: { fans: '1' } },
      ...packageIn('node_modules/fans', { name: 'fans', id: 'fans' }),
    })
    const sources = [{ kind: 'dependencies-of', packageJson: join(root, 'package.json') }] as const
    const found = () => discoverModules(sources, user)
    const extensions = createExtensions({ user, executor: createLocalExecutor(), env: {}, cwd: home, found })
    await expect(extensions.reviewTrust('fans')).rejects.toMatchObject({ code: 'JANUS_USAGE' })
    await expect(extensions.reviewTrust('nobody')).rejects.toMatchObject({ code: 'JANUS_MODULE_NOT_FOUND' })
  })

  it('trust means the module that runs under an id, and does not choose between two', async () => {
    const home = folderOf({
      ...packageIn('one', { name: 'one' }),
      ...packageIn('two', { name: 'two' }),
      'app/package.json': { name: 'app', dependencies: { waiting: '1' } },
      ...packageIn('app/node_modules/waiting', { name: 'waiting' }),
    })
    const user = userIn(home, process.getuid?.() ?? 0)
    const review = (name: string, ...named: readonly string[]) => {
      const sources = [
        { kind: 'project', directory: join(home, 'app') },
        ...named.map((one) => ({ kind: 'named', name: `./${one}`, from: home }) as const),
      ] as const
      const found = () => discoverModules(sources, user)
      return createExtensions({ user, executor: createLocalExecutor(), env: {}, cwd: home, found }).reviewTrust(name)
    }
    expect(await review('fan-curve', 'one')).toMatchObject({ path: join(home, 'one') })
    expect(await review('two', 'one', 'two')).toMatchObject({ path: join(home, 'two') })
    expect(await review('fan-curve')).toMatchObject({ path: join(home, 'app/node_modules/waiting') })
    await expect(review('fan-curve', 'one', 'two')).rejects.toMatchObject({
      code: 'JANUS_MODULE_ID_DUPLICATE',
      message: expect.stringContaining(`${join(home, 'one/module.js')} and ${join(home, 'two/module.js')}`),
    })
  })

  it('trust pins a file of bash in the version it states, and says that it is a program', async () => {
    const lines = ['TYPE="cpu"', 'ID="governor"', 'VERSION="0.1.0"', 'COMPAT_API="1"']
    const home = folderOf({ 'modules/cpu/governor.sh': lines.map((line) => `JANUS_MODULE_${line}\n`).join('') })
    const user = userIn(home, process.getuid?.() ?? 0)
    const sources = [{ kind: 'named', name: './modules/cpu/governor.sh', from: home }] as const
    const found = () => discoverModules(sources, user)
    const extensions = createExtensions({ user, executor: createLocalExecutor(), env: {}, cwd: home, found })
    const review = await extensions.reviewTrust('governor')
    expect(review).toMatchObject({ isProgram: true, now: { version: '0.1.0' } })
    await extensions.trust(review)
    expect(await found()).toMatchObject([{ isolation: 'sandbox', trusted: true, diagnostics: [] }])
    expect((await extensions.reviewTrust('governor')).changes).toEqual([])
  })

  it('trust is not for a JavaScript file by itself, nor does an earlier pin of it count', async () => {
    const home = folderOf({ 'beep.js': 'throw new Error("imported")' })
    const user = userIn(home, process.getuid?.() ?? 0)
    const sources = [{ kind: 'named', name: './beep.js', from: home }] as const
    const found = () => discoverModules(sources, user)
    const extensions = createExtensions({ user, executor: createLocalExecutor(), env: {}, cwd: home, found })
    await expect(extensions.reviewTrust('beep')).rejects.toMatchObject({ code: 'JANUS_USAGE' })
    const place = join(home, 'beep.js')
    const files = await packageDigest(place, { dependencies: true })
    const brings = { modules: [], commands: [] }
    await extensions.trust({ name: place, path: place, now: { version: 'unknown', files, brings }, changes: [] })
    expect(await found()).toMatchObject([{ isolation: 'sandbox', trusted: false }])
  })

  it('trust also pins a package that lies elsewhere, under its path', async () => {
    const { home, extensions } = homeWith()
    const user = userIn(home, process.getuid?.() ?? 0)
    const sources = [{ kind: 'named', name: './fans', from: home }] as const
    const other = createExtensions({
      user,
      executor: createLocalExecutor(),
      env: {},
      cwd: home,
      found: () => discoverModules(sources, user),
    })
    await other.trust(await other.reviewTrust('fan-curve'))
    expect(await registryOfSources(sources, user).rows()).toMatchObject([{ isolation: 'in-process', trusted: true }])
    expect(readFileSync(join(extensions.directory, 'janus.lock.json'), 'utf8')).toContain(join(home, 'fans'))
    writeFileSync(join(home, 'fans/module.js'), 'patched')
    expect(await registryOfSources(sources, user).rows()).toMatchObject([{ status: 'blocked' }])
  })
})

describe('a package of a registry', () => {
  const answer = (stdout: string, exitCode = 0, stderr = ''): RunResult => {
    const ended = { exitCode, signal: undefined, stdout, stderr }
    return { ...ended, durationMs: 1, truncated: false, timedOut: false }
  }
  const executorOf = (result: RunResult) => {
    const calls: string[] = []
    const run: Executor['run'] = async (command, args, options) => {
      calls.push(`${options?.cwd} ${command} ${args.join(' ')}`)
      return result
    }
    return { calls, executor: { run } }
  }
  const shown = {
    name: 'fans',
    version: '1.4.0',
    'dist.integrity': `sha512-${'A'.repeat(86)}==`,
    'dist.tarball': 'https://registry.example:8443/fans/-/fans-1.4.0.tgz',
    janus: { api: 1, modules: [{ id: 'fan-curve', type: 'host', entry: './module.js' }] },
  }

  it('is asked for by arguments, outside of any project, and pinned to one version', async () => {
    const { calls, executor } = executorOf(answer(JSON.stringify([{ ...shown, version: '1.3.0' }, shown])))
    expect(await homeWith({}, executor).extensions.preview('fans@^1')).toMatchObject({
      spec: 'fans@1.4.0',
      version: '1.4.0',
      integrity: shown['dist.integrity'],
      registry: 'https://registry.example:8443',
    })
    const cache = / --cache (\S+) /.exec(calls[0] ?? '')?.[1]
    expect(cache).toMatch(/janus-npm-/)
    expect(existsSync(String(cache))).toBe(false)
    expect(calls[0]).toContain(' --logs-max=0 ')
    expect(calls).toEqual([expect.stringMatching(/^\/ npm view --\S.* --json --cache \S+ -- fans@\^1 name version /)])
  })

  it.each([
    ['is not there', answer('', 1, 'npm error code E404\nnpm error 404 Not Found'), 'JANUS_PACKAGE_NOT_FOUND'],
    ['has no such version', answer(''), 'JANUS_PACKAGE_NOT_FOUND'],
    ['cannot be asked for', answer('', 1, 'npm error code ECONNREFUSED'), 'JANUS_PACKAGE_MANAGER_FAILED'],
    ['is answered in no JSON', answer('<html>'), 'JANUS_PACKAGE_MANAGER_FAILED'],
    ['has no digest', answer(JSON.stringify({ ...shown, 'dist.integrity': undefined })), 'JANUS_MODULE_INTEGRITY'],
    ['brings nothing', answer(JSON.stringify({ ...shown, janus: undefined })), 'JANUS_MODULE_MANIFEST_INVALID'],
  ])('that %s says so', async (_, result, code) => {
    const { extensions } = homeWith({}, executorOf(result).executor)
    await expect(extensions.preview('fans')).rejects.toMatchObject({ code })
  })

  it('that cannot be replaced stays what it was, trust included', async () => {
    const { home, extensions, place, rows } = homeWith()
    await extensions.add(await extensions.preview('./fans'))
    await extensions.trust(await extensions.reviewTrust('fan-curve'))
    const before = readFileSync(join(extensions.directory, 'package-lock.json'), 'utf8')
    const preview = await extensions.preview('./fans')
    const path = join(home, 'fans/package.json')
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), version: '1.3.0' }))
    await expect(extensions.add(preview)).rejects.toMatchObject({ code: 'JANUS_MODULE_INTEGRITY' })
    await expect(extensions.add({ ...preview, spec: join(home, 'gone') })).rejects.toThrow()
    expect(await rows()).toEqual(['fan-curve enabled in-process true'])
    expect(JSON.parse(readFileSync(join(place, 'package.json'), 'utf8')).version).toBe('1.2.3')
    expect(readFileSync(join(extensions.directory, 'package-lock.json'), 'utf8')).toBe(before)
    expect(readdirSync(join(extensions.directory, '..')).sort()).toEqual(['extensions', 'extensions.lock'])
    expect(await extensions.add(await extensions.preview('./fans'))).toMatchObject({ version: '1.3.0' })
    expect(await extensions.remove('fan-curve')).toMatchObject({ version: '1.3.0' })
  })

  it('is not added while another is, so that no pin gets lost', async () => {
    const { extensions } = homeWith()
    const preview = await extensions.preview('./fans')
    const both = await Promise.allSettled([extensions.add(preview), extensions.add(preview)])
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'JANUS_STATE_LOCKED' } })
    expect(await extensions.list()).toHaveLength(1)
  })

  it('that is not what was shown is taken away again', async () => {
    const { extensions, place } = homeWith()
    const preview = await extensions.preview('./fans')
    const other = { ...preview, integrity: 'sha512-other' }
    await expect(extensions.add(other)).rejects.toMatchObject({ code: 'JANUS_MODULE_INTEGRITY' })
    expect(existsSync(place)).toBe(false)
    expect(await extensions.list()).toEqual([])
  })
})
