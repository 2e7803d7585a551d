import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, isAbsolute, join } from 'node:path'
import { type PluginContext, type Plugin as RollupPlugin, rollup } from 'rollup'
import ts from 'typescript'

const PACKAGE = import.meta.dirname
const SOURCES = join(PACKAGE, 'src')
const ZOD = join(SOURCES, 'zod.js')

/** Its ES module. Imported from outside it is CommonJS, and loading that costs a start as much as ten files of ours. */
const EVENT_EMITTER = join(
  dirname(createRequire(import.meta.url).resolve('eventemitter3/package.json')),
  'dist/eventemitter3.esm.js',
)

/**
 * What is always needed together lies in one file: at start-up every file costs half a millisecond, however small.
 * A source goes to the first of these that reaches it without `import()`; the others are divided by rollup.
 */
const CHUNKS = {
  base: ['index.ts'],
  modules: ['check/index.ts', 'modules/discover.ts', 'modules/load-module.ts', 'boot/index.ts'],
  plan: ['plan/index.ts'],
  transactions: ['transaction/transactions.ts', 'transaction/summarise.ts'],
}

/**
 * Bundles entries into dist, so that what they share exists once. esbuild, and so tsup, makes a file of every
 * combination of entries and `import()`s that share something; rollup can be told what belongs together.
 * @param entries paths of the sources, by name of the built file
 */
export async function bundleTogether(entries: Readonly<Record<string, string>>): Promise<void> {
  const bundle = await rollup({
    input: Object.fromEntries(Object.entries(entries).map(([name, source]) => [name, join(PACKAGE, source)])),
    // As `sideEffects` in package.json says.
    treeshake: { moduleSideEffects: false },
    preserveEntrySignatures: 'exports-only',
    plugins: [sources],
    onLog(level, { message }) {
      if (level === 'warn') throw new Error(message)
    },
  })
  await bundle.write({
    dir: join(PACKAGE, 'dist'),
    format: 'es',
    sourcemap: true,
    chunkFileNames: ({ name, facadeModuleId: path }) =>
      `chunk-${path !== null && name === 'index' ? basename(dirname(path)) : name}.js`,
    manualChunks: chunkOf(),
    paths: { [ZOD]: './zod.js' },
  })
  await bundle.close()
}

/** Finds and reads our sources; what is not ours stays outside. */
const sources: RollupPlugin = {
  name: 'sources',
  resolveId(source, importer) {
    if (importer === undefined) return null
    if (source === 'eventemitter3') return EVENT_EMITTER
    if (!source.startsWith('.')) return { id: source, external: true }
    const path = join(dirname(importer), source)
    return path === ZOD ? { id: path, external: 'absolute' } : path.replace(/\.js$/, '.ts')
  },
  async load(path) {
    if (path === EVENT_EMITTER) return null
    const { outputText, sourceMapText } = ts.transpileModule(await readFile(path, 'utf8'), {
      fileName: basename(path),
      compilerOptions: {
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.ESNext,
        verbatimModuleSyntax: true,
        removeComments: true,
        sourceMap: true,
      },
    })
    return { code: outputText, map: sourceMapText ?? null }
  },
}

function chunkOf(): (path: string, meta: Pick<PluginContext, 'getModuleInfo'>) => string | undefined {
  let chunks: ReadonlyMap<string, string> | undefined
  return (path, { getModuleInfo }) => {
    chunks ??= assignChunks((importer) => getModuleInfo(importer)?.importedIds ?? [])
    return chunks.get(path)
  }
}

function assignChunks(importsOf: (path: string) => readonly string[]): ReadonlyMap<string, string> {
  const chunks = new Map<string, string>()
  for (const [name, roots] of Object.entries(CHUNKS)) {
    const pending = roots.map((root) => join(SOURCES, root))
    for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
      if (chunks.has(path) || !isAbsolute(path)) continue
      chunks.set(path, name)
      pending.push(...importsOf(path))
    }
  }
  return chunks
}
