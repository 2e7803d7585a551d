import type { PackageJson } from '../workspace.js'

interface CheckDocument {
  readonly schema: string
  readonly data: { readonly modules: readonly { readonly module: string; readonly findings: readonly unknown[] }[] }
}

/**
 * What is wrong with the document of `janus check --json`: each module of the packages must have found something.
 * @param packages the package.json files of what is installed
 */
export function checkAnswerFaults(stdout: string, packages: readonly PackageJson[]): readonly string[] {
  const document = parse(stdout)
  if (document === undefined) return [`janus check printed no JSON document:\n${stdout}`]
  if (document.schema !== 'janus.cli/1') return [`the schema of janus check is ${document.schema}`]
  const brought = packages.flatMap(({ janus }) => (janus?.modules ?? []).map(({ id }) => id))
  const answered = document.data.modules.filter(({ findings }) => findings.length > 0).map(({ module }) => module)
  return [
    ...(brought.length === 0 ? ['no package brings a module'] : []),
    ...brought.filter((id) => !answered.includes(id)).map((id) => `the module ${id} finds nothing`),
    ...answered.filter((id) => !brought.includes(id)).map((id) => `a module ${id} answers that nobody brings`),
  ]
}

function parse(stdout: string): CheckDocument | undefined {
  try {
    return JSON.parse(stdout) as CheckDocument
  } catch {
    return undefined
  }
}
