import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isJanusModule, type JanusModule } from '@janus/core'
import { createKernelModel, moduleCases, standardMachine } from '@janus/core/testing'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'

const snapshot = join(import.meta.dirname, '../snapshots/ts')

describe('the generated module in TypeScript', async () => {
  const module = await generatedModule()
  const kernel = () => createKernelModel(standardMachine())
  const cases = moduleCases({ module, fixtures: [{ title: 'the standard machine', kernel, options: {} }] })

  test.each(cases)('conforms to Module API v1: $title', async ({ run }) => {
    await run()
  })

  test('is listed with the options table of its README', async () => {
    const readme = await readFile(join(snapshot, 'README.md'), 'utf8')
    expect(readme).toContain(optionsTable(z.toJSONSchema(module.options) as OptionsSchema))
  })
})

interface OptionsSchema {
  readonly properties: Readonly<
    Record<string, { readonly enum?: readonly string[]; readonly default?: string; readonly description?: string }>
  >
}

/** A variable path: the snapshot is type-checked as a project of its own. */
async function generatedModule(): Promise<JanusModule> {
  const entry = join(snapshot, 'src/index.ts')
  const { default: module } = (await import(entry)) as { readonly default: unknown }
  if (!isJanusModule(module)) throw new Error('the template exports no module')
  return module
}

function optionsTable({ properties }: OptionsSchema): string {
  const rows = Object.entries(properties).map(([name, { enum: values = [], default: chosen, description }]) => {
    const choices = values.map((value) => `\`${value}\``).join(', ')
    return `| \`${name}\` | ${choices} | \`${chosen}\` | ${description} |`
  })
  return ['| option | values | default | meaning |', '|---|---|---|---|', ...rows, ''].join('\n')
}
