import { chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createLiveHost } from '@janus/core'
import { createMemoryLogger, type MemoryLogger } from '@janus/core/testing'
import {
  type CommandModuleSettings,
  commandModule,
  createSubprocessRunner,
  scanModuleTree,
} from '../../src/command-modules/index.js'
import type { ModuleRun, RunnableModule } from '../../src/contract/runnable-module.js'
import { createQuery } from '../../src/host/index.js'
import type { DiscoveredModule } from '../../src/modules/discovered-module.js'

/** A folder as people keep modules in: `modules`, and the shared logging library beside it. */
export interface ModuleTree {
  readonly root: string
  write(path: string, text: string, mode?: number): string
  remove(): void
}

/** The library that core ships. */
export const LIBRARY = fileURLToPath(new URL('../../lib/janus-log.sh', import.meta.url))

/** Makes a tree with these files; its path needs quoting everywhere. */
export function createTree(files: Readonly<Record<string, string>> = {}): ModuleTree {
  const above = realpathSync(mkdtempSync(join(tmpdir(), 'janus-tree-')))
  chmodSync(above, 0o755)
  const root = join(above, `it's a "tree" of $HOME`)
  mkdirSync(join(root, 'lib'), { recursive: true })
  mkdirSync(join(root, 'modules'))
  copyFileSync(LIBRARY, join(root, 'lib/janus-log.sh'))
  const tree: ModuleTree = {
    root,
    write(path, text, mode = 0o644) {
      const full = join(root, path)
      mkdirSync(dirname(full), { recursive: true })
      writeFileSync(full, text)
      chmodSync(full, mode)
      return full
    },
    remove: () => rmSync(above, { recursive: true, force: true }),
  }
  for (const [path, text] of Object.entries(files)) tree.write(path, text)
  return tree
}

/** Puts the modules among the fixtures into a tree. */
export function addFixtures(tree: ModuleTree): void {
  cpSync(fileURLToPath(new URL('./fixtures/modules', import.meta.url)), join(tree.root, 'modules'), { recursive: true })
}

/** Text of a module in bash with a dispatcher; what is not given succeeds silently. */
export function bashText(parts: {
  readonly id?: string
  readonly version?: string
  readonly check?: string
  readonly apply?: string
  readonly rollback?: string
  readonly top?: string
}): string {
  const { id = 'subject', version = '1.0.0', check = ':', apply = ':', rollback = ':', top = '' } = parts
  return `#!/usr/bin/env bash
JANUS_MODULE_TYPE="host"
JANUS_MODULE_ID="${id}"
JANUS_MODULE_VERSION="${version}"
JANUS_MODULE_COMPAT_API="1"
if [ "\${BASH_SOURCE[0]}" = "$0" ]; then set -euo pipefail; fi
source "$(dirname "\${BASH_SOURCE[0]}")/../../lib/janus-log.sh"
${top}
janus_module_check() {
${check}
}
janus_module_apply() {
${apply}
}
janus_module_rollback() {
${rollback}
}
janus_module_meta() {
  printf '%s\\n' "id=$JANUS_MODULE_ID" "type=$JANUS_MODULE_TYPE" "version=$JANUS_MODULE_VERSION" "compat_api=$JANUS_MODULE_COMPAT_API"
}
if [ "\${BASH_SOURCE[0]}" = "$0" ]; then "janus_module_$1"; fi
`
}

/** What a module is asked with, and what it logged. */
export function createRun(
  signal: AbortSignal = new AbortController().signal,
): ModuleRun & { readonly log: MemoryLogger } {
  const host = createLiveHost()
  return { host, query: createQuery(host, { env: {} }), log: createMemoryLogger(), signal }
}

/** The module of this name in a tree, run as a subprocess unless told otherwise. */
export async function moduleOf(
  tree: ModuleTree,
  id: string,
  settings: Partial<CommandModuleSettings> = {},
): Promise<RunnableModule> {
  const found = (await scanModuleTree(tree.root)).find((module) => module.id === id)
  if (found === undefined) throw new Error(`there is no module ${id}`)
  return moduleFrom(found, settings)
}

/** A module from what discovery would have found. */
export function moduleFrom(
  found: DiscoveredModule,
  settings: Partial<CommandModuleSettings> = {},
): Promise<RunnableModule> {
  return commandModule(found, { runner: createSubprocessRunner(), trusted: true, ...settings })
}
