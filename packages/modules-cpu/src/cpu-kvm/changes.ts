import { type Change, contentDigest, type Host, janusError } from '@janus/core'
import {
  type AskedParameter,
  askedParameters,
  CONFIGURATION,
  configurationText,
  requireLastWord,
} from './configuration.js'
import { loadableParameters, readSwitch } from './module-parameters.js'
import type { CpuKvmOptions } from './options.js'
import { requireReloadable, requireUsable } from './require-usable.js'
import { DEVICE, type Survey } from './survey.js'

/**
 * The changes that make KVM what was asked for.
 * @throws JANUS_HOST_UNFIT, JANUS_HOST_LACKS_FEATURE, JANUS_HOST_UNREADABLE with what is in the way
 */
export async function kvmChanges(survey: Survey, options: CpuKvmOptions): Promise<readonly Change[]> {
  const module = requireUsable(survey)
  const asked = askedParameters(options, module)
  const general = asked.filter((one) => one.module === 'kvm')
  const nested = asked.find((one) => one.module === module)
  const persistent = options.persistent ? await persistentChanges(survey.host, asked, survey) : []
  return [...persistent, ...generalChanges(survey, general), ...vendorChanges(survey, module, nested)]
}

/** Parameters of kvm itself can be written while virtual machines run; where it is not loaded yet it is loaded with them. */
function generalChanges(survey: Survey, asked: readonly AskedParameter[]): readonly Change[] {
  if (asked.length === 0) return []
  if (!isThere(survey.kvmState)) return [loadChange('kvm', Object.fromEntries(asked.map(loadable)), [])]
  return asked.flatMap(({ name, on }) => {
    const path = `/sys/module/kvm/parameters/${name}`
    const value = survey.kvm.get(name)
    if (value === undefined) throw noSuchParameter(path)
    return readSwitch(value) === on ? [] : [parameterChange(path, value, on)]
  })
}

function parameterChange(path: string, from: string, on: boolean): Change {
  const value = on ? 'Y' : 'N'
  const why = `set ${path.slice('/sys/module/'.length)} to ${value}; running guests see it at once`
  return {
    kind: 'write-attribute',
    path,
    from,
    value,
    why,
    verify: [{ kind: 'equals', path, value }],
    scope: 'runtime',
  }
}

/** `nested` is read only: the module leaves the kernel and comes back with it, and with all that it had. */
function vendorChanges(survey: Survey, module: string, nested: AskedParameter | undefined): readonly Change[] {
  const asked = nested === undefined ? {} : Object.fromEntries([loadable(nested)])
  if (!isThere(survey.state)) return [loadChange(module, asked, [{ kind: 'exists', path: DEVICE }])]
  if (nested === undefined) return []
  const path = `/sys/module/${module}/parameters/nested`
  const value = survey.vendor.get('nested')
  if (value === undefined) throw noSuchParameter(path)
  if (readSwitch(value) === nested.on) return []
  requireReloadable(survey, module)
  const present = loadableParameters(survey.vendor)
  return [
    {
      kind: 'unload-kernel-module',
      name: module,
      parameters: present,
      why: `take ${module} out of the kernel: nested can only be chosen when it is loaded`,
      expect: [
        { kind: 'equals', path: `/sys/module/${module}/refcnt`, value: '0' },
        { kind: 'unheld', path: DEVICE },
        { kind: 'equals', path, value },
      ],
      verify: [{ kind: 'absent', path: `/sys/module/${module}` }],
      scope: 'runtime',
      undo: [
        {
          kind: 'load-kernel-module',
          name: module,
          parameters: present,
          why: `load ${module} with the parameters that it had`,
          verify: [{ kind: 'equals', path, value }],
          scope: 'runtime',
        },
      ],
    },
    loadChange(module, { ...present, ...asked }, [{ kind: 'exists', path: DEVICE }]),
  ]
}

function loadChange(name: string, parameters: Readonly<Record<string, string>>, verify: Change['verify'] = []): Change {
  const words = Object.entries(parameters).map(([parameter, value]) => `${parameter}=${value}`)
  const shown = ['nested', 'ignore_msrs', 'report_ignored_msrs'].flatMap((parameter) => {
    const path = `/sys/module/${name}/parameters/${parameter}`
    const value = parameters[parameter]
    return value === undefined ? [] : [{ kind: 'equals' as const, path, value: readSwitch(value) ? 'Y' : 'N' }]
  })
  return {
    kind: 'load-kernel-module',
    name,
    ...(words.length === 0 ? {} : { parameters }),
    why:
      words.length === 0
        ? `load ${name}`
        : `load ${name} with ${words.length > 3 ? `nested=${parameters.nested} and the parameters that it had` : words.join(' ')}`,
    expect: [{ kind: 'absent', path: `/sys/module/${name}` }],
    verify: [{ kind: 'exists', path: `/sys/module/${name}` }, ...shown, ...verify],
    scope: 'runtime',
  }
}

async function persistentChanges(
  host: Host,
  asked: readonly AskedParameter[],
  survey: Survey,
): Promise<readonly Change[]> {
  const builtIn = asked.find(({ module }) => survey.modules.state(module) === 'built-in')
  if (builtIn !== undefined) {
    const message = `${builtIn.module} is built into the kernel, which does not read ${CONFIGURATION}`
    const remedy = `Give the kernel command line ${builtIn.module}.${builtIn.name}=${builtIn.on ? 1 : 0} and boot again.`
    throw janusError('JANUS_HOST_UNFIT', message, { data: { path: `/sys/module/${builtIn.module}` }, remedy })
  }
  await requireLastWord(host, asked)
  const present = (await host.readText(CONFIGURATION)).value
  const text = configurationText(asked, present)
  if (present === text) return []
  const directory: Change = {
    kind: 'create-directory',
    path: '/etc/modprobe.d',
    mode: 0o755,
    why: 'the place of the configuration of kernel modules',
    scope: 'persistent',
  }
  const file: Change = {
    kind: 'write-file',
    path: CONFIGURATION,
    content: { text },
    mode: 0o644,
    why: 'keep the parameters for every later load of the modules',
    verify: [{ kind: 'sha256', path: CONFIGURATION, value: contentDigest({ text }) }],
    afterBoot: asked.map(({ module, name, on }) => {
      return { kind: 'equals', path: `/sys/module/${module}/parameters/${name}`, value: on ? 'Y' : 'N' }
    }),
    scope: 'persistent',
  }
  return (await host.exists(directory.path)) ? [file] : [directory, file]
}

function isThere(state: Survey['state']): boolean {
  return state === 'loaded' || state === 'built-in'
}

/** Every version takes `1` and `0`: in some `nested` is a number. */
function loadable({ name, on }: AskedParameter): readonly [string, string] {
  return [name, on ? '1' : '0']
}

function noSuchParameter(path: string): Error {
  const message = `${path} does not exist or cannot be read: this kernel has no such parameter`
  return janusError('JANUS_HOST_UNFIT', message, { data: { path }, remedy: 'Leave the option out on this kernel.' })
}
