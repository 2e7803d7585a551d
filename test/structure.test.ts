import { describe, expect, test } from 'vitest'
import { publicPackages } from '../scripts/workspace.js'
import { type RepositoryFile, repositoryFiles } from './repository-files.js'

const sources = (await repositoryFiles('packages', '.ts')).filter(({ path }) => /^packages\/[^/]+\/src\//.test(path))

describe('the house', () => {
  test('there are sources to look at', () => {
    expect(sources.length).toBeGreaterThan(20)
  })

  test('no file of code is longer than 400 lines: not of the sources, the tests, the lab, the scripts', async () => {
    const endings = ['.ts', '.js', '.mjs', '.sh', '.py']
    const code = (await Promise.all(endings.map((ending) => repositoryFiles('.', ending)))).flat()
    expect(code.length).toBeGreaterThan(sources.length)
    expect(pathsOf(code.filter(({ text }) => text.split('\n').length > 401))).toEqual([])
  })

  test('the page on the structure says of every folder of core and of the agent what it holds, and names none that is not there', async () => {
    const [page] = await repositoryFiles('docs', '/structure.md')
    const told = [...(page?.text ?? '').matchAll(/^\| `(packages\/(?:core|agent)\/src\/[^/`]+)` \|/gm)].map(
      ([, folder]) => folder,
    )
    const folders = sources.flatMap(({ path }) => /^packages\/(?:core|agent)\/src\/[^/]+(?=\/)/.exec(path)?.[0] ?? [])
    expect(told.toSorted()).toEqual([...new Set(folders)].toSorted())
  })

  test('an index only re-exports', () => {
    const indexes = sources.filter(({ path }) => path.endsWith('/index.ts'))
    expect(pathsOf(indexes.filter(({ text }) => !onlyReExports(text)))).toEqual([])
  })

  test('core imports no module, no agent and no command line', () => {
    expect(importsOf('packages/core/src/', /^@janus\/|^\.\.\/.*(?:modules-|agent\/src|cli\/src)/)).toEqual([])
  })

  test('modules import nothing of the house but core, its boot files, its schemas, its zod and its address', () => {
    expect(importsOf('packages/modules-', /^@janus\/(?!core$|core\/(?:boot|pci-address|schemas|zod)$)/)).toEqual([])
  })

  test('the agent imports nothing of the house but core and what core publishes', () => {
    expect(
      importsOf('packages/agent/src/', /^@janus\/(?!core$|core\/)|^\.\.\/.*(?:modules-[gc]pu|cli\/src|core\/src)/),
    ).toEqual([])
  })

  test('the report imports nothing of the house but core and what binding would cost; nothing imports the report', () => {
    expect(
      importsOf('packages/report/src/', /^@janus\/(?!core$|modules-gpu$)|^\.\.\/.*(?:agent|cli|core)\/src/),
    ).toEqual([])
    expect(importsOf('packages/', /^@janus\/report/)).toEqual([])
  })

  test('the report reads nothing where it renders', () => {
    expect(importsOf('packages/report/src/render/', /^node:(?!crypto$)|report-command|\/collect\//)).toEqual([])
  })

  test('modules use no console, no environment and no child process', () => {
    expect(importsOf('packages/modules-', /^(node:)?child_process$|^execa$/)).toEqual([])
    const modules = sources.filter(({ path }) => path.startsWith('packages/modules-'))
    expect(
      pathsOf(modules.filter(({ text }) => /\bprocess\.(env|exit|stdout|stderr)\b|\bconsole\./.test(text))),
    ).toEqual([])
  })

  test('modules import no command of their package: it is read only when it is asked for', () => {
    const own = sources.filter(({ path }) => /^packages\/modules-[^/]+\/src\/(?!.*-command\/)/.test(path))
    const wanted = own.filter(({ text }) => importsIn(text).some((specifier) => /-command\//.test(specifier)))
    expect(own.length).toBeGreaterThan(20)
    expect(pathsOf(wanted)).toEqual([])
  })

  test('the contract does no input and output', () => {
    expect(importsOf('packages/core/src/contract/', /^node:(fs|child_process|net|http|os)|^execa$|^pino$/)).toEqual([])
  })

  test('the command line imports no module and no agent by name', () => {
    expect(importsOf('packages/cli/src/', /^@janus\/(?!core$|core\/(?:commands|schemas)$)/)).toEqual([])
    const named = sources.filter(
      ({ path, text }) => path.startsWith('packages/cli/src/') && /@janus\/(modules-|agent|report)/.test(text),
    )
    expect(pathsOf(named)).toEqual([])
  })

  test('nothing is imported that the package does not ask for', async () => {
    const undeclared: string[] = []
    for (const { name, folder, json } of await publicPackages()) {
      const asked = Object.keys({ ...json.dependencies, ...json.peerDependencies, ...json.devDependencies })
      const own = sources.filter(({ path }) => folder.endsWith(path.split('/').slice(0, 2).join('/')))
      for (const { path, text } of own) {
        for (const wanted of importsIn(text).filter((specifier) => !/^(\.|node:)/.test(specifier))) {
          const packageName = wanted
            .split('/')
            .slice(0, wanted.startsWith('@') ? 2 : 1)
            .join('/')
          if (!asked.includes(packageName) && packageName !== name) undeclared.push(`${path} imports ${packageName}`)
        }
      }
    }
    expect(undeclared).toEqual([])
  })
})

test('the search for imports sees every form of them', () => {
  const text = [
    "import { a } from 'one'",
    "import type { b } from 'two'",
    "import {\n  c,\n} from 'three'",
    "export { d } from 'four'",
    "export * from 'five'",
    "import 'six'",
    "const e = await import('seven')",
    "// import { f } from 'none'",
  ].join('\n')
  expect(importsIn(text)).toEqual(['one', 'two', 'three', 'four', 'five', 'six', 'seven'])
})

function importsOf(folder: string, forbidden: RegExp): readonly string[] {
  return sources
    .filter(({ path }) => path.startsWith(folder))
    .flatMap(({ path, text }) =>
      importsIn(text)
        .filter((wanted) => forbidden.test(wanted))
        .map((wanted) => `${path} imports ${wanted}`),
    )
}

/** Static and dynamic imports, of types too: a wall is a wall. */
function importsIn(text: string): readonly string[] {
  const code = withoutComments(text)
  const found = code.matchAll(
    /(?:^|[;\n}])\s*(?:import|export)\s[^'"\n;]*?(?:\{[^}]*\}\s*)?from\s*'([^']+)'|\bimport\(\s*'([^']+)'|^\s*import\s+'([^']+)'/gm,
  )
  return [...found].map(([, from, dynamic, bare]) => from ?? dynamic ?? bare ?? '')
}

function onlyReExports(text: string): boolean {
  const rest = withoutComments(text).replace(
    /export\s+(?:type\s+)?(?:\{[^}]*\}|\*(?:\s+as\s+\w+)?)\s+from\s+'[^']+'/g,
    '',
  )
  return rest.trim() === ''
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
}

function pathsOf(files: readonly RepositoryFile[]): readonly string[] {
  return files.map(({ path }) => path)
}
