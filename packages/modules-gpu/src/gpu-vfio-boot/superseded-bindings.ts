import { type Change, type Finding, type Host, isJanusError } from '@janus/core'
import {
  type InitramfsTool,
  type InitramfsToolName,
  readInitramfsTool,
  rebuildInitramfsChanges,
} from '@janus/core/boot'
import { bootFiles } from './boot-files.js'
import type { BootPlan } from './boot-plan.js'
import { type InstalledBindings, readInstalledBindings } from './installed-bindings.js'
import type { GpuVfioBootOptions } from './options.js'
import { UDEV_RULES } from './udev-files.js'

/** A binding of another method or tool than the plan's: left there, it would go on binding what it names. */
export interface SupersededBindings {
  readonly installed: InstalledBindings
  readonly removals: readonly Change[]
}

/** What earlier applies left on the host by another method or tool, and the removal of its files. */
export async function readSuperseded(host: Host, plan: BootPlan): Promise<readonly SupersededBindings[]> {
  const own = new Set(plan.methods.flatMap(({ files }) => files.map(({ path }) => path)))
  const others = (await readInstalledBindings(host)).filter(({ path }) => !own.has(path))
  return Promise.all(
    others.map(async (installed) => ({ installed, removals: await removalsOf(host, filesOf(installed.tool)) })),
  )
}

/**
 * The changes that build the images anew in which another tool's script lies, once its files are gone. Those that the plan
 * builds anyway are left to it; where the tool is gone too, there is nobody to build them.
 */
export async function rebuildsWithout(
  host: Host,
  superseded: readonly SupersededBindings[],
  plan: BootPlan,
  { allKernels }: Pick<GpuVfioBootOptions, 'allKernels'>,
): Promise<readonly Change[]> {
  const own = (allKernels ? plan.tool?.all : plan.tool?.running) ?? []
  const changes: Change[] = []
  for (const { installed } of superseded) {
    const tool = installed.tool === undefined ? undefined : await readTool(host, installed.tool)
    if (tool === undefined || tool.all.length === 0) continue
    const members = Object.keys(bootFiles(tool.name, []).members).map((name) => ({ name }))
    const rebuild = {
      members,
      allKernels: true,
      except: own.map(({ path }) => path),
      why: `build the initramfs without the early binding of ${tool.name}, which is replaced`,
    }
    changes.push(...(await rebuildInitramfsChanges(host, tool, rebuild)))
  }
  return changes
}

/** What still binds at boot by another method or tool than the plan's. */
export async function supersededFindings(host: Host, plan: BootPlan): Promise<readonly Finding[]> {
  const superseded = await readSuperseded(host, plan)
  return superseded.map(({ installed: { path, bindings } }, index) => {
    const addresses = bindings.map(({ address }) => address).join(', ')
    return {
      id: index === 0 ? 'boot-other-method' : `boot-other-method-${index + 1}`,
      status: 'warn',
      summary: `${path} of another method still binds ${addresses} at boot`,
      evidence: [{ path, value: addresses }],
      remedy: 'Apply gpu-vfio-boot with these options: it takes the other one away.',
    }
  })
}

async function readTool(host: Host, name: InitramfsToolName): Promise<InitramfsTool | undefined> {
  try {
    return await readInitramfsTool(host, name)
  } catch (error) {
    if (isJanusError(error) && error.code === 'JANUS_HOST_UNFIT') return undefined
    throw error
  }
}

function filesOf(tool: InitramfsToolName | undefined): readonly string[] {
  return tool === undefined ? [UDEV_RULES] : bootFiles(tool, []).files.map(({ path }) => path)
}

/** Each file that is there, then the folder of dracut's module, which is ours, if nothing else lies in it. */
async function removalsOf(host: Host, paths: readonly string[]): Promise<readonly Change[]> {
  const changes: Change[] = []
  const why = 'take the binding away that another method made: it would go on at every boot'
  const removed: string[] = []
  for (const path of paths) {
    if (!(await host.exists(path))) continue
    removed.push(path)
    changes.push({ kind: 'remove-file', path, scope: 'persistent', why, verify: [{ kind: 'absent', path }] })
  }
  const folder = removed.map((path) => path.slice(0, path.lastIndexOf('/'))).find((path) => path.endsWith('janus-vfio'))
  if (folder === undefined) return changes
  const rest = ((await host.list(folder)).value ?? []).filter((name) => !removed.includes(`${folder}/${name}`))
  const { value: stat } = await host.stat(folder)
  if (rest.length > 0 || stat === undefined) return changes
  const { mode, uid, gid } = stat
  return [
    ...changes,
    { kind: 'remove-directory', path: folder, mode, owner: { uid, gid }, scope: 'persistent', why: 'it is empty now' },
  ]
}
