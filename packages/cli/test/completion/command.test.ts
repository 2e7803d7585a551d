import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { runProgram } from '../../../../scripts/run-program.js'
import { type BuiltCommand, buildCommand } from '../harness/built-command.js'
import { documentOf, runCommand } from '../harness/run-command.js'

let command: BuiltCommand
beforeAll(async () => {
  command = await buildCommand()
})
afterAll(async () => await command.remove())

describe('janus completion', () => {
  test.each(['bash', 'zsh', 'fish'])('%s prints the script of that shell as it lies in the package', async (shell) => {
    const script = readFileSync(fileURLToPath(new URL(`../../completion/janus.${shell}`, import.meta.url)), 'utf8')
    expect(await runCommand(command, ['completion', shell])).toMatchObject({ exitCode: 0, stdout: script, stderr: '' })
    const { data } = documentOf(await runCommand(command, ['completion', shell, '--json']))
    expect(data).toEqual({ shell, script })
  })

  test('names the shells when asked for another', async () => {
    const { exitCode, stderr } = await runCommand(command, ['completion', '../janus'])
    expect(exitCode).toBe(1)
    expect(stderr).toContain('Name one of bash, zsh, fish.')
  })
})

// As `npm ci` or `npm test` built it: what a script of a shell calls.
const LAUNCHER = fileURLToPath(new URL('../../bin/janus.js', import.meta.url))

describe('the entry that the scripts ask', () => {
  test('is in no help and in no menu', async () => {
    expect((await runCommand(command, ['--help'])).stdout).not.toContain('__complete')
    expect((await asked('', '_')).stdout).toBe('')
  })

  test.each([
    [['bind', '--host', '/nowhere', '--device', '']],
    [['check', '--module', '/nowhere', '--host=/dev/null', '-o', '']],
  ])('answers %j with nothing, and without an error', async (words) => {
    expect(await asked(...words)).toEqual({ exitCode: 0, stdout: '', output: '' })
  })

  test('ends when what it would read never answers', async () => {
    const home = await temporaryHome()
    await mkdir(join(home, '.config/janus'), { recursive: true })
    execFileSync('mkfifo', [join(home, '.config/janus/config.json'), join(home, 'machine.json')])
    const modules = await complete(home, ['check', 'gpu-io'])
    expect(modules).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^(gpu-iommu\t|$)/) })
    expect(await complete(home, ['bind', '--host', 'machine.json', '--device', ''])).toMatchObject({
      exitCode: 0,
      output: '',
    })
  })
})

async function asked(...words: readonly string[]) {
  return await complete(await temporaryHome(), words)
}

async function complete(home: string, words: readonly string[]) {
  const env = { PATH: process.env.PATH, HOME: home }
  return await runProgram(process.execPath, [LAUNCHER, '__complete', '--', ...words], { cwd: home, env })
}

async function temporaryHome(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'janus-completion-'))
  onTestFinished(() => rm(home, { recursive: true, force: true }))
  return home
}
