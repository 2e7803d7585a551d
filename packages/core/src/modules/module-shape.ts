import { isJanusModule } from '../contract/define-module.js'
import type { JanusModule, ModuleMetadata } from '../contract/module.js'
import { SUPPORTED_MODULE_API } from '../contract/symbols.js'

const FUNCTIONS = ['check', 'apply', 'rollback'] as const
const TEXTS = ['id', 'type', 'version', 'summary'] as const

/** What is wrong with a value that should be a module, with what its author probably meant; undefined when nothing is. */
export function moduleProblem(value: unknown): string | undefined {
  if (!isJanusModule(value)) return notAModule(value)
  const metadata = value.metadata as Partial<ModuleMetadata> | undefined
  if (typeof metadata !== 'object' || metadata === null) return 'it has no metadata'
  const missing = TEXTS.find((name) => typeof metadata[name] !== 'string' || metadata[name] === '')
  if (missing !== undefined) return `metadata.${missing} must be a text`
  if (!SUPPORTED_MODULE_API.includes(metadata.compatApi as 1)) {
    return `metadata.compatApi is ${JSON.stringify(metadata.compatApi)}, this core speaks ${SUPPORTED_MODULE_API.join(', ')}`
  }
  const order = (['before', 'after'] as const).find((name) => !isListOfTexts(metadata[name] ?? []))
  if (order !== undefined) return `metadata.${order} must be a list of ids`
  const noFunction = FUNCTIONS.find((name) => typeof value[name] !== 'function')
  if (noFunction !== undefined) return `${noFunction} must be a function`
  if (typeof value.options?.safeParse !== 'function') return 'options must be a zod schema'
  const supports = value.supports as Partial<JanusModule['supports']> | undefined
  return typeof supports?.apply === 'boolean' ? undefined : 'supports must say whether it applies'
}

function isListOfTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((element) => typeof element === 'string')
}

/** What the import of an entry gave, and which export of it is wanted. */
export interface ModuleChoice {
  readonly namespace: Readonly<Record<string, unknown>>
  readonly id: string
  readonly export: string | undefined
}

/** The module among the exports of an entry, or why there is none. */
export function chooseModule(choice: ModuleChoice): { readonly module: JanusModule } | { readonly problem: string } {
  const { namespace, id } = choice
  if (choice.export !== undefined) return exportNamed(namespace, choice.export)
  if (isJanusModule(namespace.default)) return checked(namespace.default)
  const modules = Object.values(namespace).filter(isJanusModule)
  const [only, ...others] = modules.length > 1 ? modules.filter((module) => module.metadata?.id === id) : modules
  if (only !== undefined && others.length === 0) return checked(only)
  if (modules.length > 1)
    return { problem: `it exports ${modules.length} modules: name one of them as "export" in the manifest` }
  const [name] = 'default' in namespace ? ['default'] : Object.keys(namespace)
  if (name === undefined) return { problem: 'it exports nothing' }
  return { problem: `its export ${name}: ${notAModule(namespace[name])}` }
}

function exportNamed(namespace: Readonly<Record<string, unknown>>, name: string): ReturnType<typeof chooseModule> {
  if (Object.hasOwn(namespace, name)) return checked(namespace[name], `its export ${name}: `)
  const names = Object.keys(namespace).sort().join(', ') || 'nothing'
  return { problem: `it has no export ${name}, it exports ${names}` }
}

function checked(value: unknown, prefix = ''): ReturnType<typeof chooseModule> {
  const problem = moduleProblem(value)
  return problem === undefined ? { module: value as JanusModule } : { problem: `${prefix}${problem}` }
}

function notAModule(value: unknown): string {
  if (typeof value === 'function') {
    return /^class\b/.test(Function.prototype.toString.call(value))
      ? 'a class is not a module: export what defineModule({ … }) returns, a plain object'
      : 'a function is not a module: it looks like a factory that was not called, export what it returns'
  }
  if (value === null || typeof value !== 'object') return `${value === null ? 'null' : typeof value} is not a module`
  if (typeof (value as { then?: unknown }).then === 'function')
    return 'a promise is not a module: await it before it is exported'
  if (isJanusModule((value as { default?: unknown }).default)) {
    return 'the module is one level deeper, as "default" of the default export: use module.exports = … or an ES module'
  }
  if ('metadata' in value || 'check' in value) return 'it was not made by defineModule({ … })'
  return 'an object is not a module: export what defineModule({ … }) returns'
}
