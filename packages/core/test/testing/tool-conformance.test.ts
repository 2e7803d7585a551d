import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ToolManifest } from '../../src/contract/tool.js'
import {
  runToolConformance,
  TOOL_CLAUSES,
  type ToolExample,
  type ToolTrialRunner,
} from '../../src/testing/tool-conformance/index.js'

const asked: string[] = []
const proxy = createServer((request, response) => {
  asked.push(request.url ?? '')
  response.end('no')
})

beforeAll(() => new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve)))
afterAll(() => new Promise((resolve) => proxy.close(resolve)))

/** A tool that is a script of a shell. It writes what it is given into a file, and its probe looks for that. */
function tool(script: string, more: Partial<ToolManifest> = {}): ToolManifest {
  return {
    name: 'note',
    summary: 'Writes a note.',
    command: ['/bin/sh', '-c', script, 'note'],
    sideEffects: 'workspace',
    network: false,
    writes: true,
    idempotent: true,
    reversible: true,
    interpreter: false,
    arguments: { options: [], positionals: [{ name: 'text', value: { kind: 'text' } }], separator: false },
    probe: ['/bin/sh', '-c', 'test -e note.txt'],
    ...more,
  }
}

const EXAMPLES: readonly ToolExample[] = [{ title: 'a note', args: ['hello'], files: { 'other.txt': 'other\n' } }]
const GOOD = 'printf "%s\\n" "$1" > note.txt'

/** Runs a tool without a sandbox, and takes no arguments but those of the examples: the suite is what is tried here. */
const bare: ToolTrialRunner = async ({ command, probe = [] }, { what, args, files }) => {
  if (what === 'run' && !EXAMPLES.some((example) => example.args.join('\0') === args.join('\0')))
    return { refused: 'it is no example', exitCode: undefined, output: '', files, outside: [], hosts: [] }
  const folder = mkdtempSync(join(tmpdir(), 'janus-trial-'))
  try {
    const [workspace, outside] = [join(folder, 'workspace'), join(folder, 'outside')]
    for (const directory of [workspace, outside]) mkdirSync(directory)
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(workspace, path)), { recursive: true })
      writeFileSync(join(workspace, path), content)
    }
    const seen = asked.length
    const { port } = proxy.address() as AddressInfo
    const env = { PATH: '/usr/bin:/bin', HOME: outside, TMPDIR: outside, http_proxy: `http://127.0.0.1:${port}` }
    const [program = '', ...words] = [...(what === 'probe' ? probe : command), ...args]
    const { exitCode, output } = await started(program, words, workspace, env)
    const left = readdirSync(workspace).map((name) => [name, readFileSync(join(workspace, name))] as const)
    return {
      exitCode,
      output,
      files: Object.fromEntries(left),
      outside: readdirSync(outside),
      hosts: asked.slice(seen),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function started(program: string, words: readonly string[], cwd: string, env: Record<string, string>) {
  return new Promise<{ readonly exitCode: number | undefined; readonly output: string }>((resolve, reject) => {
    const child = spawn(program, words, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    child.on('error', reject)
    child.on('close', (code) => resolve({ exitCode: code ?? undefined, output }))
  })
}

async function failuresOf(subject: ToolManifest, run: ToolTrialRunner = bare) {
  const { results } = await runToolConformance(subject, EXAMPLES, run)
  return [...new Set(results.filter(({ ok }) => !ok).map(({ id }) => id))]
}

describe('the conformance suite of tools', () => {
  it('tries every clause on a tool that says everything of itself, and a good one holds to all of them', async () => {
    const report = await runToolConformance(tool(GOOD), EXAMPLES, bare)
    expect(report.results.filter(({ ok }) => !ok)).toEqual([])
    expect(report).toMatchObject({ tool: 'note', passed: report.total, untried: [] })
    const reading = await runToolConformance(
      tool('cat other.txt', { writes: false, sideEffects: 'none', probe: ['/bin/true'] }),
      EXAMPLES,
      bare,
    )
    expect(reading.results.filter(({ ok }) => !ok)).toEqual([])
    const tried = new Set([...report.results, ...reading.results].map(({ id }) => id))
    expect([...tried].toSorted()).toEqual(Object.keys(TOOL_CLAUSES).toSorted())
  })

  const other: ToolTrialRunner = (subject, request) => bare(subject, { ...request, args: ['hello'] })
  const picky: ToolTrialRunner = async (_subject, { files }) => ({
    refused: 'always',
    exitCode: undefined,
    output: '',
    files,
    outside: [],
    hosts: [],
  })

  const flawed: readonly (readonly [string, ToolManifest, readonly string[], ToolTrialRunner?])[] = [
    ['is declared in another form', tool(GOOD, { name: 'No Name' }), ['declaration']],
    ['takes whatever it is given', tool(GOOD), ['refuses-what-is-not-declared'], other],
    [
      'does not take its own examples',
      tool(GOOD),
      ['takes-its-examples', 'ends-as-it-should', 'writes-in-its-workspace', 'idempotent', 'probe-answers'],
      picky,
    ],
    [
      'ends with another status',
      tool(`${GOOD}; exit 3`),
      ['ends-as-it-should', 'writes-in-its-workspace', 'idempotent', 'probe-answers'],
    ],
    ['writes at home', tool(`${GOOD}; touch "$HOME/x"`), ['writes-in-its-workspace']],
    ['writes, and says that it does not', tool(GOOD, { writes: false, sideEffects: 'none' }), ['writes-nothing']],
    [
      'asks for a network, and says that it needs none',
      tool(`${GOOD}; curl -s http://example.org/ > /dev/null`),
      ['uses-no-network'],
    ],
    ['leaves more each time, and says that it does not', tool('echo "$1" >> note.txt'), ['idempotent']],
    ['has a probe that answers with 2', tool(GOOD, { probe: ['/bin/sh', '-c', 'exit 2'] }), ['probe-answers']],
    ['has a probe that never says yes', tool(GOOD, { probe: ['/bin/false'] }), ['probe-answers']],
    ['has a probe that writes', tool(GOOD, { probe: ['/usr/bin/touch', 'x'] }), ['probe-answers']],
  ]

  it.each(flawed.map(([what, subject, clauses, run = bare]) => [what, { subject, clauses, run }] as const))(
    'finds a tool that %s',
    async (_what, { subject, clauses, run }) => {
      expect(await failuresOf(subject, run)).toEqual(clauses)
    },
  )

  it('says which clauses nothing was tried of', async () => {
    const { untried } = await runToolConformance(tool(GOOD), [], bare)
    expect(untried).toEqual([
      'takes-its-examples',
      'ends-as-it-should',
      'writes-in-its-workspace',
      'uses-no-network',
      'idempotent',
      'probe-answers',
    ])
  })
})
