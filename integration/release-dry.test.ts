import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Sbom } from '../scripts/release/sbom.js'
import { type ProgramResult, runProgram, tool } from '../scripts/run-program.js'
import { publicPackages, repository } from '../scripts/workspace.js'

// It installs the tree, builds it, and installs what came of it three times.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 900_000 })

let kept = ''
let rehearsal: ProgramResult
let before: readonly string[]

beforeAll(async () => {
  kept = await mkdtemp(join(tmpdir(), 'janus-kept-'))
  before = await releasedFiles()
  // A place for temporary files of its own shows that it leaves none.
  const env = { ...process.env, TMPDIR: join(kept, 'tmp') }
  await runProgram('mkdir', [env.TMPDIR])
  rehearsal = await runProgram(tool('tsx'), ['scripts/release-dry.ts', '--keep', join(kept, 'release')], { env })
})

afterAll(async () => {
  await rm(kept, { recursive: true, force: true })
})

describe('npm run release:dry', () => {
  test('finds the next release fit to be published', () => {
    expect(rehearsal.exitCode, rehearsal.output).toBe(0)
    expect(rehearsal.output).toMatch(/^ready to be released$/m)
    expect(rehearsal.output).not.toMatch(/^FAIL/m)
  })

  test('shows each package with both versions, its size and its budget', async () => {
    for (const { name, json } of await publicPackages()) {
      const version = `${json.version.replaceAll('.', '\\.')}(?: -> \\d+\\.\\d+\\.\\d+| \\(stays\\))`
      const size = '\\d+\\.\\d KiB of \\d+\\.\\d KiB'
      expect(rehearsal.output).toMatch(new RegExp(`^${name} +${version} +${size} +${size}$`, 'm'))
    }
  })

  test("installs with npm, pnpm and Yarn Plug'n'Play, and runs the command that was built for the release", async () => {
    const entries = await publication()
    const version = entries.find(({ name }) => name === '@janus/cli')?.version
    for (const installer of ['npm', 'pnpm', 'yarn'])
      expect(rehearsal.output).toMatch(new RegExp(`^${installer} +ok +${version}$`, 'm'))
  })

  test('keeps what would be published, each package after those that it needs', async () => {
    const entries = await publication()
    expect(entries.map(({ name }) => name).toSorted()).toEqual(
      (await publicPackages()).map(({ name }) => name).toSorted(),
    )
    expect(entries[0]?.name).toBe('@janus/core')
    const tarballs = entries.map(({ tarball }) => tarball)
    expect(await readdir(join(kept, 'release'))).toEqual(
      [...tarballs, 'janus-cli.cdx.json', 'packages.json', 'release-notes.md'].toSorted(),
    )
  })

  test('makes a bill of materials of the command, with a licence for everything, and no address of this machine', async () => {
    const text = await readFile(join(kept, 'release/janus-cli.cdx.json'), 'utf8')
    const { components } = JSON.parse(text) as Sbom
    const names = components.map(({ name }) => name)
    for (const name of ['@janus/cli', '@janus/core', 'zod', 'yaml', 'execa']) expect(names).toContain(name)
    expect(text).not.toContain('127.0.0.1')
  })

  test('leaves versions, changes and lock file of the working tree as they were, and no temporary file', async () => {
    expect(await releasedFiles()).toEqual(before)
    expect((await readdir(join(kept, 'tmp'))).filter((name) => name.startsWith('janus-'))).toEqual([])
  })
})

async function publication(): Promise<readonly { name: string; version: string; tarball: string }[]> {
  return JSON.parse(await readFile(join(kept, 'release/packages.json'), 'utf8'))
}

/** Of the working tree, what a release changes where it is made. */
async function releasedFiles(): Promise<readonly string[]> {
  const members = await publicPackages()
  const files = members.flatMap(({ folder }) =>
    ['package.json', 'CHANGELOG.md', 'src/version.ts'].map((file) => join(folder, file)),
  )
  const changesets = (await readdir(join(repository, '.changeset'))).toSorted()
  const texts = [...files, join(repository, 'package.json'), join(repository, 'package-lock.json')].map(
    async (file) => `${file}\n${await readFile(file, 'utf8').catch(() => 'absent')}`,
  )
  return [...changesets, ...(await Promise.all(texts))]
}
