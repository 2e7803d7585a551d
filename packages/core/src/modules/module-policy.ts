import { stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Diagnostic } from '../contract/diagnostic.js'
import type { Isolation } from '../contract/runnable-module.js'
import { diagnosticOf, janusError } from '../errors/janus-error.js'
import type { Pin } from '../extensions/lock-schema.js'
import { shellWord } from '../state/shell-word.js'
import type { AskingUser } from './asking-user.js'
import type { DiscoveredModule } from './discovered-module.js'
import { requireSafeClosure, requireSafeFile, requireSafeTree } from './safe-module-path.js'

/**
 * How a module came to be found. `own`: brought by the program that runs. `named`: by the user. `extension`: installed by
 * the user. `project`: named by the configuration of a project, which may be anybody's. `present`: by nobody.
 */
export type Origin = 'own' | 'named' | 'extension' | 'project' | 'present'

/** A module that was found, with what speaks for it. */
export interface Claim {
  readonly module: DiscoveredModule
  readonly origin: Origin
  readonly isolation?: Isolation
}

/** What somebody agreed to earlier, found by where a module lies. */
export type PinOf = (module: DiscoveredModule) => Pin | undefined

const STRENGTH: Readonly<Record<Origin, number>> = { own: 4, named: 3, extension: 2, project: 1, present: 0 }

/**
 * What all claims for one module say together. The strongest origin decides, and only its own word says where the code
 * runs: a project must not add to what its user says. Where that is silent, a weaker claim can keep the module further
 * away, never let it out; over what the program itself brings a project has no say at all.
 */
export function weighClaims(claims: readonly Claim[]): Claim {
  const [first, ...others] = claims
  if (first === undefined) throw janusError('JANUS_INTERNAL', 'a module without a claim was weighed')
  const strongest = others.reduce((best, one) => (STRENGTH[one.origin] > STRENGTH[best.origin] ? one : best), first)
  const { module, origin } = strongest
  const own = claims.filter((one) => one.origin === origin)
  const weaker = claims.filter((one) => one.origin !== origin && !(origin === 'own' && one.origin === 'project'))
  const isFurtherAway = (one: Claim): boolean => one.isolation === 'sandbox' || origin === 'own'
  const isolation = [...own, ...weaker.filter(isFurtherAway)].find((one) => one.isolation !== undefined)?.isolation
  return { module, origin, ...(isolation === undefined ? {} : { isolation }) }
}

/**
 * Decides over modules that were found: whether they are enabled, where their code runs, whether they are trusted, and
 * what blocks them. Only data is read.
 */
export function createModulePolicy(user: AskingUser, pinOf: PinOf): (claim: Claim) => Promise<DiscoveredModule> {
  // A package brings several modules; its files are looked at once.
  const safe = new Map<string, Promise<Diagnostic | undefined>>()
  const intact = new Map<string, Promise<Diagnostic | undefined>>()

  return async (claim) => {
    const { module, origin } = claim
    if (module.code === undefined) return { ...module, standing: origin === 'present' ? 'available' : 'enabled' }
    const pin = isAlone(module) ? undefined : pinOf(module)
    const isEnabled = origin !== 'present' && (origin !== 'extension' || pin !== undefined)
    const place = placeOf(module)
    const problems: (Diagnostic | undefined)[] = []
    if (isEnabled && origin !== 'own') {
      const isFree = isLetOut(claim) || pin?.trusted === true
      const key = `${isFree}\0${place}`
      problems.push(await once(safe, { key, place }, () => requireSafe(module, user, isFree)))
      if (pin !== undefined)
        problems.push(await once(intact, { key: place, place }, () => requireIntact(module, place, pin)))
    }
    const errors = problems.filter((problem) => problem !== undefined)
    const trusted =
      errors.length === 0 && (origin === 'own' || isVouchedFor(claim) || (isEnabled && pin?.trusted === true))
    const { isolation, remark } = isolationOf(claim, trusted)
    const remarks = [...errors, remark, isEnabled || origin !== 'extension' ? undefined : notPinned(module)]
    return {
      ...module,
      standing: isEnabled ? 'enabled' : 'available',
      isolation,
      trusted,
      ...(origin === 'own' ? { own: true } : {}),
      diagnostics: [
        ...module.diagnostics,
        ...remarks.filter((one) => one !== undefined).map((one) => ({ ...one, module: module.id })),
      ],
    }
  }
}

/** What is pinned of a module: its package, or the file it is. */
export function placeOf({ code, path, source }: DiscoveredModule): string {
  if (code === undefined) return path ?? source
  return path === source || code.directory === source ? (path ?? code.directory) : code.directory
}

/** Who names `in-process` has vouched for the code: nothing keeps it from anything. */
function isVouchedFor({ origin, isolation }: Claim): boolean {
  return origin === 'named' && isolation === 'in-process'
}

/** Named by the user to run without the sandbox. */
function isLetOut({ origin, isolation }: Claim): boolean {
  return origin === 'named' && (isolation === 'in-process' || isolation === 'subprocess')
}

/** A JavaScript file that no manifest names: nothing says what runs with it, so nobody can agree to that. */
export function isAlone({ code, path, source }: DiscoveredModule): boolean {
  return code?.kind === 'javascript' && path === source
}

function isolationOf(
  { module, origin, isolation }: Claim,
  trusted: boolean,
): { readonly isolation: Isolation; readonly remark?: Diagnostic } {
  if (isolation === undefined) return { isolation: fitting(module, trusted ? 'in-process' : 'sandbox') }
  if (trusted || isolation === 'sandbox' || origin === 'named') return { isolation: fitting(module, isolation) }
  const message = `a project asks for isolation ${isolation} for module ${module.id}, which is not the word of its user: it stays in the sandbox`
  const remedy = `Read its code, then run \`janus module trust ${module.id}\`.`
  const remark = {
    ...diagnosticOf(janusError('JANUS_MODULE_UNTRUSTED', message, { remedy })),
    severity: 'warning',
  } as const
  return { isolation: 'sandbox', remark }
}

/** A program never runs in this process; what is asked of it, it answers in the sandbox, also when it is trusted. */
function fitting({ code }: DiscoveredModule, isolation: Isolation): Isolation {
  return code?.kind === 'command' && isolation === 'in-process' ? 'sandbox' : isolation
}

/**
 * Of a package all files, of a program that lies somewhere what it may read, and each with what is above it. Of what runs
 * with all rights also everything that it may import; a file that lies somewhere may import all that lies there.
 */
async function requireSafe(module: DiscoveredModule, user: AskingUser, isFree: boolean): Promise<void> {
  const { code } = module
  if (code === undefined) return
  const isPackage = placeOf(module) === code.directory
  if (isFree && (isPackage || isAlone(module))) return requireSafeClosure(code.directory, user)
  if (isPackage) return requireSafeTree(code.directory, user)
  for (const name of new Set([code.entry, ...(code.reads ?? [])])) {
    const path = join(code.directory, name)
    const isDirectory = await stat(path).then(
      (found) => found.isDirectory(),
      () => undefined,
    )
    if (isDirectory === undefined) continue
    await (isDirectory ? requireSafeTree(path, user) : requireSafeFile(path, user))
  }
}

/** The files as they are, against those that were agreed to. */
async function requireIntact(module: DiscoveredModule, place: string, pin: Pin): Promise<void> {
  const what = pin.version === module.version ? undefined : `is version ${module.version}, pinned is ${pin.version}`
  const changed = what ?? ((await digestOrNone(place, pin)) === pin.files ? undefined : 'has files that were changed')
  if (changed === undefined) return
  throw janusError('JANUS_MODULE_INTEGRITY', `${module.source} in ${dirname(place)} ${changed}`, {
    data: { path: place },
    remedy: `Read what changed with \`janus module trust ${module.id} --dry-run\`, or install it again.`,
  })
}

async function digestOrNone(place: string, pin: Pin): Promise<string | undefined> {
  const { packageDigest } = await import('../extensions/package-digest.js')
  return packageDigest(place, { dependencies: pin.trusted }).catch(() => undefined)
}

function notPinned(module: DiscoveredModule): Diagnostic {
  const message = `${module.source} lies among the extensions, but \`janus module add\` did not put it there`
  const remedy = `Read it, then run \`janus module trust ${module.id}\`, or \`janus module add ${shellWord(module.source)}\`.`
  return { ...diagnosticOf(janusError('JANUS_MODULE_NOT_ENABLED', message, { remedy })), severity: 'info' }
}

async function once(
  known: Map<string, Promise<Diagnostic | undefined>>,
  { key, place }: { readonly key: string; readonly place: string },
  check: () => Promise<void>,
): Promise<Diagnostic | undefined> {
  const earlier = known.get(key)
  if (earlier !== undefined) return earlier
  const verdict = check().then(
    () => undefined,
    (error: unknown) => ({ ...diagnosticOf(error), path: place }),
  )
  known.set(key, verdict)
  return verdict
}
