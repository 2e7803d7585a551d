import { createRequire } from 'node:module'
import { isJsonRequest } from './command-line/requests.js'
import { documentText } from './json-document.js'
import { PACKAGE_JSON, versionIn } from './package-json.js'
import { openOutput } from './terminal/output.js'

/** Answers `--version`; core is imported only for `--version --json`, which tells its Module API. */
export async function printVersion(argv: readonly string[]): Promise<void> {
  const output = openOutput(process.stdout)
  const cli = versionIn(PACKAGE_JSON)
  const written = await output.write(isJsonRequest(argv) ? await versionDocument(cli) : `janus ${cli}\n`)
  process.exitCode = written ? 0 : 2
}

async function versionDocument(cli: string): Promise<string> {
  const core = versionIn(createRequire(import.meta.url).resolve('@janus/core/package.json'))
  const { SUPPORTED_MODULE_API } = await import('@janus/core')
  const data = { cli, core, moduleApi: SUPPORTED_MODULE_API, node: process.versions.node }
  return documentText({ command: 'version', ok: true, data, diagnostics: [] })
}
