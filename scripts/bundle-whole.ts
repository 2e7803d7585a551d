import type { Options } from 'tsup'

/**
 * How a package is built whose entries are each one file, with its own copy of what it needs: at start-up, a file costs
 * more than what is in it, and what belongs to a command is read only when that is asked for.
 * @param entry output names with their sources; `index` is the one that has types
 */
export function bundleWhole(entry: Readonly<Record<string, string>> & { readonly index: string }): Options {
  return {
    entry,
    format: ['esm'],
    target: 'node20',
    platform: 'node',
    dts: { entry: { index: entry.index } },
    sourcemap: true,
    clean: true,
    splitting: false,
  }
}
