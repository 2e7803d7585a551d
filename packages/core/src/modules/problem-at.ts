import { basename } from 'node:path'
import { UNSTATED } from '../command-modules/program-metadata.js'
import { diagnosticOf } from '../errors/janus-error.js'
import type { DiscoveredModule } from './discovered-module.js'

/** A row for something that was named and is no module: why, and where. */
export function problemAt(path: string, error: unknown, id: string = basename(path)): DiscoveredModule {
  const diagnostics = [{ ...diagnosticOf(error), path }]
  return { id, type: UNSTATED, version: UNSTATED, source: path, path, diagnostics }
}
