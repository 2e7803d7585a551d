import { type Change, type Condition, contentDigest, type Host, type Query } from '@janus/core'
import { type InitramfsImage, type InitramfsTool, rebuildInitramfsChanges } from '@janus/core/boot'
import type { BootBinding } from './boot-binding.js'
import type { BootPlan, MethodPlan } from './boot-plan.js'
import type { GpuVfioBootOptions } from './options.js'
import { posixDirectories } from './posix-directories.js'
import { readSuperseded, rebuildsWithout } from './superseded-bindings.js'

/** The changes that bring files and image to what the plan wants: none when they are so. */
export async function bootChanges(
  host: Host,
  query: Query,
  plan: BootPlan,
  options: GpuVfioBootOptions,
): Promise<readonly Change[]> {
  const superseded = await readSuperseded(host, plan)
  const written: Change[] = []
  const rebuilt: Change[] = []
  for (const method of plan.methods) {
    const changes = await fileChanges(host, method)
    written.push(...changes)
    if (method.method === 'udev' || plan.tool === undefined) continue
    const images = options.allKernels ? plan.tool.all : plan.tool.running
    if (changes.length === 0 && (await haveMembers(query, images, plan))) continue
    rebuilt.push(...(await rebuildChanges(host, plan.tool, plan, method, options)))
  }
  return [
    ...superseded.flatMap((one) => one.removals),
    ...written,
    ...(await rebuildsWithout(host, superseded, plan, options)),
    ...rebuilt,
  ]
}

function rebuildChanges(
  host: Host,
  tool: InitramfsTool,
  { members }: BootPlan,
  { bindings }: MethodPlan,
  { allKernels }: GpuVfioBootOptions,
): Promise<readonly Change[]> {
  return rebuildInitramfsChanges(host, tool, {
    members: [...members].map(([name, text]) => ({ name, sha256: contentDigest({ text }) })),
    allKernels,
    afterBoot: afterBootOf(bindings),
    why: `build the initramfs with the early binding of ${bindings.map(({ address }) => address).join(', ')}`,
  })
}

function afterBootOf(bindings: readonly BootBinding[]): readonly Condition[] {
  return bindings.map(({ address, driver }) => ({
    kind: 'linksTo',
    path: `/sys/bus/pci/devices/${address}/driver`,
    target: `/sys/bus/pci/drivers/${driver}`,
  }))
}

async function fileChanges(host: Host, { method, bindings, files }: MethodPlan): Promise<readonly Change[]> {
  const changes: Change[] = []
  for (const file of files) {
    if (await isAsWanted(host, file)) continue
    changes.push(...(await missingDirectories(host, file.path, changes)))
    changes.push({
      kind: 'write-file',
      path: file.path,
      content: { text: file.text },
      mode: file.mode,
      owner: { uid: 0, gid: 0 },
      scope: 'persistent',
      why: file.why,
      verify: [{ kind: 'sha256', path: file.path, value: contentDigest({ text: file.text }) }],
      ...(file.expect === undefined ? {} : { expect: file.expect }),
      ...(method === 'udev' ? { afterBoot: afterBootOf(bindings) } : {}),
    })
  }
  return changes
}

/** True when a file has the wanted text and mode. */
export async function isAsWanted(
  host: Host,
  { path, text, mode }: { readonly path: string; readonly text: string; readonly mode: number },
): Promise<boolean> {
  const [found, stat] = [await host.readText(path), await host.stat(path)]
  return found.value === text && stat.value?.mode === mode
}

/** True when every image is known to hold what the plan wants. */
export async function haveMembers(query: Query, images: readonly InitramfsImage[], plan: BootPlan): Promise<boolean> {
  if (images.length === 0) return false
  for (const { path } of images) {
    const answer = await query('archive-members', { path, members: [...plan.members.keys()] })
    if (!answer.available) return false
    for (const [name, text] of plan.members) if (answer.members[name] !== contentDigest({ text })) return false
  }
  return true
}

async function missingDirectories(host: Host, path: string, before: readonly Change[]): Promise<readonly Change[]> {
  const changes: Change[] = []
  for (const directory of posixDirectories(path)) {
    const isPlanned = before.some((change) => change.kind === 'create-directory' && change.path === directory)
    if (isPlanned || (await host.exists(directory))) continue
    changes.push({
      kind: 'create-directory',
      path: directory,
      mode: 0o755,
      owner: { uid: 0, gid: 0 },
      scope: 'persistent',
      why: `hold ${path}`,
    })
  }
  return changes
}
