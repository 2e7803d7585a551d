import { spawn } from 'node:child_process'
import { openSync } from 'node:fs'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PROBES } from './escape/probes.js'
import { WEAKENINGS, type Weakening } from './escape/weakenings.js'

const PROGRAM = fileURLToPath(new URL('./escape/escape-run.ts', import.meta.url))
const ORDINARY_USER = 4242
const INHERITED = 251
const isRoot = process.geteuid?.() === 0
const names = Object.keys(PROBES)

/** Who won what: by profile, `host` for none. */
type Won = Readonly<Record<string, readonly string[]>>

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-inherited-'))
  await writeFile(join(folder, 'bait'), 'bait\n')
  await chmod(folder, 0o755)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** As root the tools run as another user; as an ordinary user they run as that. */
const agents = [
  ...(isRoot ? [{ agent: 'root', uid: 0 }] : []),
  { agent: 'an ordinary user', uid: isRoot ? ORDINARY_USER : (process.getuid?.() ?? 0) },
]

describe.each(agents)('the sandbox of an agent that is $agent', ({ uid }) => {
  let won: Won = {}
  beforeAll(async () => {
    won = await letProbesRun(uid)
  })

  test('holds every probe, and each of them wins where it is not held', () => {
    expect(names.length).toBeGreaterThanOrEqual(45)
    expect(won.whole).toEqual(['done', ''])
    const winsSomewhere = new Set(Object.values(won).flat())
    // A capability is there to be had only where the launcher is root in a namespace of its own, which bubblewrap then takes everything from.
    const never = names.filter((name) => !winsSomewhere.has(name) && name !== 'capabilities')
    expect(never).toEqual([])
    expect(names.filter((name) => won.host?.includes(name)).length).toBeGreaterThanOrEqual(45)
  })

  test.each(WEAKENINGS.filter(({ ordinaryUserOnly }) => ordinaryUserOnly !== true || uid !== 0))(
    'is missed by a probe, or refuses to start, without $name alone',
    (weakening) => {
      const before = new Set(baselineOf(weakening, won))
      const found = won[weakening.name] ?? []
      const holes = found.filter((name) => names.includes(name) && !before.has(name))
      if (weakening.failsClosed === true) {
        expect(found[0]).toMatch(/^stderr: bwrap: .* requires /)
      } else {
        expect(found).toContain('done')
        expect(holes).not.toEqual([])
      }
    },
  )

  test.each([
    ['attack 32', 'a descriptor that the agent inherited'],
    ['attack 33', 'a socket to the hypervisor'],
    ['attack 36', 'files of root', 'the shadow file'],
  ])('%s: %s is out of reach', (_, ...probes) => {
    const probe = probes.at(-1) ?? ''
    expect(won.host).toContain(probe)
    expect(won.whole).not.toContain(probe)
  })
})

function baselineOf({ behind }: Weakening, won: Won): readonly string[] {
  return (behind === undefined ? won.whole : won['without the filter']) ?? []
}

function letProbesRun(uid: number): Promise<Won> {
  return new Promise((resolve, reject) => {
    const bait = openSync(join(folder, 'bait'), 'r')
    const stdio = Array.from({ length: INHERITED + 1 }, (_, descriptor) =>
      descriptor === INHERITED ? bait : ('ignore' as const),
    )
    const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM], {
      cwd: fileURLToPath(new URL('../../../..', import.meta.url)),
      env: { PATH: process.env.PATH, JANUS_BAIT: 'secret', SHLVL: '1' },
      uid,
      gid: uid === 0 ? 0 : uid,
      stdio: ['ignore', 'pipe', 'pipe', ...stdio.slice(3)],
    })
    let out = ''
    let err = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      out += text
    })
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      err += text
    })
    child.once('error', reject)
    child.once('close', (code) => (code === 0 ? resolve(JSON.parse(out) as Won) : reject(new Error(err))))
  })
}
