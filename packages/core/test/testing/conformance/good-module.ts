import { z } from 'zod'
import type { Change } from '../../../src/contract/change.js'
import { defineModule } from '../../../src/contract/define-module.js'
import type { Finding } from '../../../src/contract/finding.js'
import type { JanusModule, ModuleContext, ModuleDefinition } from '../../../src/contract/module.js'
import { janusError } from '../../../src/errors/janus-error.js'
import { createKernelModel, createMemoryHost, type ModuleFixture, standardMachine } from '../../../src/testing/index.js'

const PAGES = '/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages'

export const options = z.strictObject({ pages: z.int().min(0).max(1_000).default(8) })

/** Options after validation. */
export interface GoodOptions {
  readonly pages: number
}

/** What a bad module does instead; the rest is as it should be. */
export interface Badness {
  readonly options?: z.ZodType
  check?(context: ModuleContext<unknown>, good: () => Promise<readonly Finding[]>): Promise<readonly Finding[]>
  apply?(context: ModuleContext<GoodOptions>, good: () => Promise<readonly Change[]>): Promise<readonly Change[]>
  /** `journal`: it has none of its own. */
  readonly rollback?: 'journal' | ModuleDefinition['rollback']
}

/** A module that reserves hugepages, made bad in one way. */
export function pagesModule(bad: Badness = {}): JanusModule {
  return defineModule({
    metadata: { id: 'pages', type: 'cpu', version: '1.0.0', compatApi: 1, summary: 'Reserves hugepages.' },
    options: (bad.options ?? options) as typeof options,
    check: (context) => (bad.check === undefined ? check(context) : bad.check(context, () => check(context))),
    apply: (context) => (bad.apply === undefined ? apply(context) : bad.apply(context, () => apply(context))),
    ...(bad.rollback === 'journal' ? {} : { rollback: bad.rollback ?? rollback }),
  }) as unknown as JanusModule
}

/** A machine that can be changed, and one that can only be read. */
export const fixtures: readonly ModuleFixture[] = [
  { title: 'the standard machine', kernel: () => createKernelModel(standardMachine()), options: { pages: 4 } },
  { title: 'a host to read', host: createMemoryHost({ [PAGES]: '0\n' }), options: {} },
]

/** True on the fixture that can only be read. */
export function isReadOnly({ host }: ModuleContext<unknown>): boolean {
  return host.kind === 'tree'
}

async function check({ host }: ModuleContext<unknown>): Promise<readonly Finding[]> {
  const reading = await host.readText(PAGES)
  const remedy = 'Reserve some with this module.'
  if (reading.value === undefined) {
    return [
      { id: 'hugepages', status: 'skipped', summary: `Hugepages cannot be read: ${reading.unreadable ?? 'absent'}` },
    ]
  }
  return [
    {
      id: 'hugepages',
      status: 'warn',
      summary: 'No hugepages are reserved.',
      evidence: [{ path: PAGES, value: reading.value }],
      remedy,
    },
    { id: 'hugepage-size', status: 'ok', summary: 'The kernel has pages of 2 MiB.' },
  ]
}

/** The machine of the fixtures has no hugepages before. */
export function rollback(context: ModuleContext<unknown>): Promise<readonly Change[]> {
  return apply({ ...context, options: { pages: 0 } })
}

async function apply({ host, options }: ModuleContext<GoodOptions>): Promise<readonly Change[]> {
  const reading = await host.readText(PAGES)
  if (reading.value === undefined) throw janusError('JANUS_HOST_UNREADABLE', `${PAGES} cannot be read`)
  const from = reading.value.trim()
  if (from === String(options.pages)) return []
  return [
    {
      kind: 'write-attribute',
      path: PAGES,
      from,
      value: String(options.pages),
      why: 'reserve hugepages',
      scope: 'runtime',
    },
  ]
}
