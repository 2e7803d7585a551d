import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { AGENT_COMMANDS } from '../packages/agent/src/commands/command-table.js'
import { COMMANDS } from '../packages/cli/src/command-line/command-table.js'
import { manPages } from '../scripts/man/man-pages.js'
import { roffArgument, roffText } from '../scripts/man/roff.js'
import { repository } from '../scripts/workspace.js'

const run = promisify(execFile)
const JANUS = 'packages/cli/man/janus.1'
const AGENT = 'packages/agent/man/janus-agent.1'

const BACKSPACE = '\b'

/** A page belongs to no day: it is what the command table is. */
const WITHOUT_A_DATE = /WARNING: missing date/

let pages: Readonly<Record<string, string>> = {}

beforeAll(async () => {
  pages = await manPages()
})

describe.each([JANUS, AGENT])('%s', (path) => {
  test('is what `npm run docs:man` writes', async () => {
    expect(await readFile(join(repository, path), 'utf8')).toBe(pages[path])
  })

  test('is shipped with its package, and named as its man page', async () => {
    const [, , folder = '', name] = /^((packages\/[a-z]+)\/)man\/(.+)$/.exec(path) ?? []
    const manifest = JSON.parse(await readFile(join(repository, folder, 'package.json'), 'utf8')) as {
      readonly man: readonly string[]
      readonly files: readonly string[]
    }
    expect(manifest.man).toEqual([`./man/${path.split('/').at(-1)}`])
    expect(manifest.files).toContain('man')
    expect(name).toBeDefined()
  })

  test('mandoc finds nothing to complain of', async () => {
    const said = await run('mandoc', ['-T', 'lint', '-W', 'warning', join(repository, path)]).then(
      ({ stdout }) => stdout,
      (error: { readonly stdout: string }) => error.stdout,
    )
    expect(said.split('\n').filter((line) => line !== '' && !WITHOUT_A_DATE.test(line))).toEqual([])
  })
})

describe('what a reader sees', () => {
  const shown = async (path: string): Promise<string> => {
    const { stdout } = await run('mandoc', ['-T', 'utf8', '-O', 'width=400', join(repository, path)], {
      maxBuffer: 1 << 24,
    })
    // A terminal makes bold by writing a letter over itself.
    return stdout.replace(new RegExp(`.${BACKSPACE}`, 'g'), '').replace(/ +/g, ' ')
  }

  test('names every command, option and example of janus, as they are typed', async () => {
    const text = await shown(JANUS)
    for (const { name, options = [], examples } of COMMANDS) {
      expect(text).toContain(`janus ${name}`)
      for (const { flags } of options) expect(text).toContain(flags)
      for (const { command } of examples) expect(text).toContain(command)
    }
  })

  test('names every command, option and example of the agent, with all that its help says', async () => {
    const text = await shown(AGENT)
    for (const { words, summary, details = [], options, example } of AGENT_COMMANDS) {
      expect(text).toContain(`janus agent ${words}`)
      expect(text.replace(/\s+/g, ' ')).toContain([summary, ...details].join(' '))
      for (const name of Object.keys(options)) expect(text).toContain(`--${name}`)
      expect(text).toContain(`janus agent ${example}`)
    }
  })

  test.each([JANUS, AGENT])('tells the exit codes in %s as the page about them does', async (path) => {
    const text = await shown(path)
    const page = await readFile(join(repository, 'docs/exit-codes.md'), 'utf8')
    const codes = [...page.matchAll(/^\| `?(\d+)`? \|/gm)].map(([, code = '']) => code)
    expect(codes).toContain('75')
    const [, section = ''] = /^EXIT STATUS\n([\s\S]*?)^[A-Z]/m.exec(text) ?? []
    for (const code of codes) expect(section).toMatch(new RegExp(`^ ${code} `, 'm'))
  })
})

test('a text is no request, and its hyphens, quotes and backslashes stay what they are', () => {
  expect(roffText('.TH\n--yes \\n')).toBe('\\&.TH\n\\-\\-yes \\en')
  expect(roffText("~ ^ ` '")).toBe('\\(ti \\(ha \\(ga \\(aq')
  expect(roffArgument('say "yes"')).toBe('"say \\(dqyes\\(dq"')
})
