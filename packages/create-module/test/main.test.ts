import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { main } from '../src/main.js'
import { temporaryFolder } from './temporary-folder.js'

describe('the command line', () => {
  test('writes a module and says what comes next', async () => {
    const folder = join(await temporaryFolder(), 'fans')
    const { code, output, errors } = await run([folder, '--type', 'gpu', '--kind', 'ts', '--yes'])
    expect({ code, errors }).toEqual({ code: 0, errors: '' })
    expect(output).toContain(`cd ${folder}\n  npm install\n  npm run build\n  npm test\n`)
    expect(await readFile(join(folder, 'src/index.ts'), 'utf8')).toContain("type: 'gpu'")
  })

  test('quotes a folder that a shell would take apart, and escapes what a terminal would obey', async () => {
    const folder = join(await temporaryFolder(), "it's \u001b[2J")
    const { output } = await run([folder, '--id', 'fans', '--yes'])
    expect(output).toContain(`it'\\''s \\x1b[2J'`)
    expect(output).not.toContain('\u001b')
  })

  test('asks nothing without a terminal', async () => {
    const folder = join(await temporaryFolder(), 'fans')
    expect(await run([folder])).toMatchObject({ code: 0, errors: '' })
    expect(await run([])).toMatchObject({ code: 1, output: '', errors: expect.stringContaining('which folder') })
  })

  test('asks on a terminal for what was not said', async () => {
    const folder = join(await temporaryFolder(), 'fans')
    const { code, errors } = await run(['--type', 'gpu'], [folder, ''])
    expect(code).toBe(0)
    expect(errors).toContain('Folder (my-module)')
    expect(errors).not.toContain('Type')
    await access(join(folder, 'src/index.ts'))
  })

  test('asks nothing on a terminal with --yes', async () => {
    const folder = join(await temporaryFolder(), 'fans')
    expect(await run([folder, '--yes'], [])).toMatchObject({ code: 0, errors: '' })
  })

  test('writes nothing when the questions are not answered', async () => {
    expect(await run([], [])).toMatchObject({ code: 1, errors: expect.stringContaining('nothing was written') })
  })

  test.each([
    [['--kind', 'python', 'x'], 'none of ts, bash'],
    [['a', 'b'], 'one folder, not 2'],
    [['--nonsense'], 'nonsense'],
    [['x', '--id', 'Not Kebab', '--yes'], 'not kebab-case'],
  ])('%j is a refusal with a sentence', async (args, message) => {
    expect(await run(args)).toMatchObject({ code: 1, output: '', errors: expect.stringContaining(message) })
  })

  test('--help explains itself on standard output', async () => {
    expect(await run(['--help'])).toMatchObject({ code: 0, output: expect.stringContaining('--kind'), errors: '' })
  })
})

/** With answers it runs on a terminal whose user gives these and then leaves. */
async function run(args: readonly string[], answers?: readonly string[]) {
  const input = Object.assign(new PassThrough(), { isTTY: answers !== undefined })
  const output = new PassThrough()
  const errors = Object.assign(new PassThrough(), { isTTY: answers !== undefined })
  const texts = Promise.all([text(output), answer(errors, input, answers ?? [])])
  const code = await main(args, { input, output, errors })
  output.end()
  errors.end()
  const [said, asked] = await texts
  return { code, output: said, errors: asked }
}

/** Gives the next answer whenever a question has been asked. */
async function answer(errors: PassThrough, input: PassThrough, answers: readonly string[]): Promise<string> {
  const waiting = [...answers]
  let asked = ''
  for await (const chunk of errors) {
    asked += String(chunk)
    if (!asked.endsWith(') ')) continue
    const next = waiting.shift()
    if (next === undefined) input.end()
    else input.write(`${next}\n`)
  }
  return asked
}
