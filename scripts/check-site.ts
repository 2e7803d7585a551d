import { join } from 'node:path'
import { deadLinks } from './dead-links.js'
import { runProgram, tool } from './run-program.js'
import { type ToolCheck, toolCheck } from './tool-check.js'
import { repository } from './workspace.js'

/** Builds the documentation site, with its warnings as errors, and follows every link of what was built. */
export async function checkSite(): Promise<readonly ToolCheck[]> {
  const built = toolCheck('typedoc', await runProgram(tool('typedoc'), []))
  if (!built.ok) return [built]
  const dead = await deadLinks(join(repository, 'docs/api'))
  return [built, { name: 'links of the documentation site', ok: dead.length === 0, output: dead.join('\n') }]
}
