import { agentInstall } from '../packages/agent/src/install/module.js'
import { isJanusModule } from '../packages/core/src/contract/define-module.js'
import type { JanusModule } from '../packages/core/src/contract/module.js'
import { SUPPORTED_MODULE_API } from '../packages/core/src/contract/symbols.js'
import {
  createKernelModel,
  MODULE_CLAUSES,
  runConformance,
  standardAddresses,
  standardMachine,
} from '../packages/core/src/testing/index.js'
import * as cpu from '../packages/modules-cpu/src/index.js'
import * as gpu from '../packages/modules-gpu/src/index.js'
import { publicPackages, type WorkspacePackage } from './workspace.js'

/** First version of core that spoke a Module API. */
const SINCE: Readonly<Record<number, string>> = { 1: '0.1.0' }

/** What to ask of the modules that need to be told something. */
const OPTIONS: Readonly<Record<string, unknown>> = {
  'gpu-vfio': { devices: [standardAddresses.nvme] },
  'cpu-hugepages': { pages: 12 },
}

/** The text of `docs/compatibility.md`: what fits what, and how far the known modules conform. */
export async function compatibilityDocs(): Promise<string> {
  const packages = await publicPackages()
  return `${heading}
${apiTable(packages)}

## Known modules

Clauses of Module API v1 that concern the module and hold on the standard machine of \`@janus/core/testing\`, of those that
could be tried there. Each package's own tests try more machines.

${await moduleTable(packages)}

To have a module listed here, publish it with the keyword \`janus-module\` and open an issue with what \`janus module test\`
prints.
`
}

const heading = `# Compatibility

A package of modules states the Module API that it speaks in the \`janus\` field of its package.json; a core that does not speak
it says so before any of its code is loaded. Within one Module API only optional things are added. The ranges of peers
are what the package managers compare.

This page is written by \`npm run docs:compatibility\`.
`

function apiTable(packages: readonly WorkspacePackage[]): string {
  const core = packages.find(({ name }) => name === '@janus/core')?.json
  const ranges = packages
    .map(({ json }) => json.peerDependencies?.['@janus/core'])
    .filter((range) => range !== undefined)
  const rows = SUPPORTED_MODULE_API.map((api, index) => [
    String(api),
    code([...new Set(ranges)].join(', ')),
    SINCE[api] ?? '',
    code(core?.engines?.node ?? ''),
    code(core?.peerDependencies?.zod ?? ''),
    'JavaScript and TypeScript (`javascript`), programs in any language (`command`), bash trees',
    index === SUPPORTED_MODULE_API.length - 1 ? 'current' : 'supported',
  ])
  return table(['Module API', '`@janus/core`', 'since', 'Node.js', 'zod', 'kinds of modules', 'status'], rows)
}

async function moduleTable(packages: readonly WorkspacePackage[]): Promise<string> {
  const rows: string[][] = []
  const exported: readonly unknown[] = [...Object.values(cpu), ...Object.values(gpu), agentInstall]
  for (const module of exported.filter(isJanusModule)) {
    const { id, type, compatApi } = module.metadata
    const brings = packages.find(({ json }) => json.janus?.modules?.some((listed) => listed.id === id))
    const does = module.supports.apply ? 'check, apply' : 'check'
    rows.push([code(id), type, code(brings?.name ?? ''), String(compatApi), does, await conformance(module)])
  }
  rows.sort(([a = ''], [b = '']) => (a < b ? -1 : 1))
  return table(['module', 'type', 'package', 'Module API', 'does', 'clauses'], rows)
}

/** One clause may be tried in several ways; it holds when all of them do. */
async function conformance(module: JanusModule): Promise<string> {
  const kernel = () => createKernelModel(standardMachine())
  const options = OPTIONS[module.metadata.id]
  const fixture = { title: 'the standard machine', kernel, ...(options === undefined ? {} : { options }) }
  const { results } = await runConformance(module, [fixture])
  const tried = Object.keys(MODULE_CLAUSES).filter((clause) => results.some(({ id }) => id === clause))
  const failed = tried.filter((clause) => results.some(({ id, ok }) => id === clause && !ok))
  return `${tried.length - failed.length}/${tried.length}`
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(titles), `|${titles.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n')
}

function code(text: string): string {
  return `\`${text}\``
}
