import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { SESSION_PAGES } from '../scripts/agent-sessions.js'
import { consoleBlocks } from '../scripts/console-blocks.js'
import { type FencedBlock, fencedBlocks, proseLines } from '../scripts/fenced-blocks.js'
import { MACHINE } from '../scripts/guides/guide-steps.js'
import { runProgram } from '../scripts/run-program.js'
import { repository } from '../scripts/workspace.js'
import { repositoryFiles } from './repository-files.js'
import { commandLines, misunderstood } from './samples/commands.js'
import { dataFault } from './samples/data.js'
import { typeFaults } from './samples/programs.js'

/** Pages whose samples have a test of their own, which runs them. */
const OWN_TESTS: Readonly<Record<string, string>> = {
  'docs/writing-a-module.md': 'integration/installed.test.ts',
  'docs/modules/gpu-template.md': 'packages/modules-gpu/test/gpu-template/gpu-template.test.ts',
}
const SESSIONS = SESSION_PAGES.map((page) => `docs/agent/${page}.md`)

/** Commands that CI itself runs, and where. */
const OF_CI: Readonly<Record<string, readonly [file: string, text: string]>> = {
  'npm ci': ['.ci/run', 'npm ci'],
  'npm test': ['.ci/run', 'npm test'],
  'npm ci && npm test': ['.ci/run', 'npm test'],
  'npm ci && npx janus check': ['scripts/smoke.ts', "['check',"],
  'npm run lab -- --list': ['lab/test/lab.test.ts', 'scenarioNames()'],
  'npm run lab -- inventory': ['lab/scenarios/inventory.ts', 'smoke: true'],
  'npm run lab -- compare': ['lab/scenarios/compare.ts', 'defineScenario'],
  'apt-get install driverctl libvirt-daemon-system libvirt-clients udev dpdk': [
    'lab/guest/traps/tools.mjs',
    'driverctl',
  ],
  'node examples/plan-from-snapshot.mjs examples/snapshots/lab.snapshot.json 0000:02:00.0': [
    'test/examples.test.ts',
    "planFromSnapshot('0000:02:00.0')",
  ],
  'node examples/agent-decides.mjs': ['test/examples.test.ts', "'examples/agent-decides.mjs'"],
  'npm create @janus/module fan-curve -- --type host --kind ts --yes': [
    'integration/installed.test.ts',
    "'@janus/module'",
  ],
  'npm install @janus/core @janus/modules-gpu': ['integration/installed.test.ts', "'modules-gpu'"],
}

interface Sample extends FencedBlock {
  readonly page: string
  readonly place: string
}

const pages = [
  ...(await repositoryFiles('packages', '/README.md')).filter(({ path }) => path.split('/').length === 3),
  ...(await repositoryFiles('docs', '.md')),
  ...(await repositoryFiles('.', '.md')).filter(({ path }) => !path.includes('/')),
]
const samples = pages.flatMap(({ path, text }): readonly Sample[] =>
  fencedBlocks(text).map((block) => ({ ...block, page: path, place: `${path}:${block.line}` })),
)

/** How samples are checked, first match first; docs/samples.md says the same in words. */
const RULES: Readonly<Record<string, (sample: Sample) => boolean>> = {
  'the test of its page': ({ page }) => page in OWN_TESTS,
  'test/guides.test.ts': ({ words, page }) =>
    words.includes(MACHINE) || (words[0] === 'vm.yaml' && page === 'docs/passthrough.md'),
  'a session of the agent': ({ page, language, words: [word = ''] }) =>
    SESSIONS.includes(page) && (language === 'shell-session' || /\.(?:json|yaml)$/.test(word)),
  'test/documentation.test.ts': ({ language, words, text }) =>
    language === 'console' && words.length === 0 && consoleBlocks(`\`\`\`console\n${text}\`\`\`\n`).length === 1,
  CI: ({ language, words: [word] }) => language === 'sh' && word === 'ci',
  'the lab': ({ language, words: [word] }) => language === 'sh' && (word?.startsWith('lab=') ?? false),
  commands: ({ language, words }) => language === 'sh' && words.length === 0,
  types: ({ language, words }) => (language === 'js' || language === 'ts') && words.length === 0,
  data: ({ language, words }) => (language === 'json' || language === 'yaml') && words.length === 1,
  shell: ({ language, words }) => language === 'bash' && words.length === 0,
  drawn: ({ language, words: [word] }) => language === 'text' && (word?.startsWith('drawn=') ?? false),
}

function ruleOf(sample: Sample): string | undefined {
  return Object.entries(RULES).find(([, holds]) => holds(sample))?.[0]
}

function samplesOf(rule: string): readonly Sample[] {
  return samples.filter((sample) => ruleOf(sample) === rule)
}

describe('every sample of the pages', () => {
  test('is checked in one of the ways that docs/samples.md tells', () => {
    const unchecked = samples.filter((sample) => ruleOf(sample) === undefined)
    expect(unchecked.map(({ place, language, words }) => `${place} ${[language, ...words].join(' ')}`)).toEqual([])
    expect(Object.keys(RULES).filter((rule) => samplesOf(rule).length === 0)).toEqual([])
  })

  test('is fenced: no command hides in an indented block', () => {
    const hidden = pages.flatMap(({ path, text }) =>
      proseLines(text).flatMap(({ line, text: said }) =>
        /^(?: {4}|\t)(?:\$ |sudo |janus |npm |npx |node |apt-get )/.test(said) ? [`${path}:${line}${said}`] : [],
      ),
    )
    expect(hidden).toEqual([])
  })

  test.each(Object.entries(OWN_TESTS))('of %s is read by %s', async (page, file) => {
    expect(await readFile(join(repository, file), 'utf8')).toContain(page.replace(/^docs\//, 'docs/'))
  })
})

describe('commands', () => {
  test('are understood: by the parser, and where they look or plan by the modules, on the machine of the lab', async () => {
    const commands = samplesOf('commands').flatMap(({ place, text }) =>
      commandLines(text).map((line) => ({ place, line })),
    )
    expect(commands.length).toBeGreaterThan(60)
    expect(await misunderstood(commands)).toEqual([])
  })

  test('that mean nothing are found', async () => {
    const meaningless = [
      ['janus chekc', 'chekc'],
      ['janus check --no-such-option', 'no-such-option'],
      ['janus agent stopp', 'stopp'],
      ['janus plan cpu-hugepages -o page=16', 'JANUS_OPTIONS_INVALID'],
      ['janus plan no-such-module', 'JANUS_MODULE_NOT_FOUND'],
      ['rm -rf state', 'no command of ours'],
      ['npm run no-such-script', 'no script'],
      ['npm install @janus/kore', 'no package of ours'],
    ] as const
    const found = await misunderstood(meaningless.map(([line]) => ({ place: 'a page', line })))
    for (const [line, why] of meaningless)
      expect(found.find((fault) => fault.startsWith(`a page: ${line}: `))).toContain(why)
  })

  test('that CI runs are there', async () => {
    const lines = samplesOf('CI').flatMap(({ place, text }) => commandLines(text).map((line) => ({ place, line })))
    for (const { place, line } of lines) {
      const [file = '', text = ''] = OF_CI[line] ?? []
      expect(file, `${place}: ${line}`).not.toBe('')
      expect(await readFile(join(repository, file), 'utf8'), line).toContain(text)
    }
  })

  test('that the lab runs have a scenario whose program has their words', async () => {
    for (const { place, text, words } of samplesOf('the lab')) {
      const name = words[0]?.replace('lab=', '') ?? ''
      const guest = await readFile(join(repository, `lab/guest/${name}.mjs`), 'utf8')
      for (const line of commandLines(text)) {
        const own = line.split(' ').filter((word) => !['sudo', 'janus'].includes(word))
        expect(
          own.filter((word) => !guest.includes(word)),
          `${place}: ${line}`,
        ).toEqual([])
      }
    }
  })
})

test('programs are type-checked against the packages, and one that asks for what they do not have is found', async () => {
  const programs = samples.filter(
    (sample) => ruleOf(sample) === 'types' || (/^[jt]s$/.test(sample.language) && sample.words.includes(MACHINE)),
  )
  const text = "import { createJanos } from '@janus/core'\ncreateJanos()\n"
  const wrong = { place: 'a page', page: 'a page', language: 'js', text } as const
  expect(programs.length).toBeGreaterThan(15)
  const found = await typeFaults([
    ...programs.map((one) => ({ ...one, language: one.language === 'ts' ? ('ts' as const) : ('js' as const) })),
    wrong,
  ])
  expect(found).toEqual([expect.stringContaining('a page, line 1: TS2724')])
})

test('data is read by whoever reads such a file', async () => {
  const faults: string[] = []
  for (const { place, language, words, text } of samplesOf('data')) {
    const fault = await dataFault(language, words[0], text)
    if (fault !== undefined) faults.push(`${place}: ${fault}`)
  }
  expect(faults).toEqual([])
})

test.each([
  ['json', undefined, '{}'],
  ['json', 'schema=janus.config/1', '{ "schema": "janus.config/2" }'],
  ['yaml', 'schema=settings', 'vessel: argo\n'],
  ['yaml', 'schema=mission-sequence', 'sequence: [{ mission_id: a }]\n'],
  ['json', 'shape', '{'],
])('data that is not what it says is found: %s %s', async (language, word, text) => {
  expect(await dataFault(language, word, text)).toBeTypeOf('string')
})

test('pieces of bash are what bash can read', async () => {
  for (const { place, text } of samplesOf('shell')) {
    const { exitCode, output } = await runProgram('bash', ['-n', '-c', text])
    expect(exitCode, `${place}\n${output}`).toBe(0)
  }
})

test('what is drawn as text is drawn so by a test', async () => {
  for (const { place, text, words } of samplesOf('drawn')) {
    const drawn = await readFile(join(repository, words[0]?.replace('drawn=', '') ?? ''), 'utf8')
    for (const line of text.trimEnd().split('\n')) expect(drawn, place).toContain(line.trimEnd())
  }
})
