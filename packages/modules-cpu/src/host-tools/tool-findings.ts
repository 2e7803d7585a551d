import type { Finding, Host, Query } from '@janus/core'
import type { OperatingSystem } from './os-release.js'
import { packageWords, type Tool, toolsFor } from './tools.js'

/** Whether each program is on PATH, or where its distribution keeps it. */
export async function toolFindings(
  host: Host,
  query: Query,
  system: OperatingSystem | undefined,
): Promise<readonly Finding[]> {
  const architecture = (await host.readText('/proc/sys/kernel/arch')).value?.trim()
  return Promise.all(toolsFor(architecture).map((tool) => judge(host, query, tool, system)))
}

async function judge(host: Host, query: Query, tool: Tool, system: OperatingSystem | undefined): Promise<Finding> {
  const id = `tool-${tool.id}`
  const answer = await query('program', { name: tool.name })
  if (!answer.available) {
    return { id, status: 'skipped', summary: `whether ${tool.name} is installed is not known: ${answer.reason}` }
  }
  const path = answer.path ?? (await firstExisting(host, tool.elsewhere))
  if (path !== undefined) {
    return { id, status: 'ok', summary: `${tool.name} is ${path}`, evidence: [{ path, value: 'found' }] }
  }
  return {
    id,
    status: 'warn',
    summary: `${tool.name} is not on PATH: ${tool.purpose}`,
    remedy: packageWords(tool, system?.families ?? []),
  }
}

async function firstExisting(host: Host, paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) if (await host.exists(path)) return path
  return undefined
}
