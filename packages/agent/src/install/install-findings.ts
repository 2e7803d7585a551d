import { type Change, diagnosticOf, type Finding } from '@janus/core'
import { RESTRICTION } from './apparmor.js'
import { changesOfSteps, type InstallSteps, installSteps } from './install-changes.js'
import { DEPENDENCIES } from './install-programs.js'
import type { InstallSurvey } from './survey.js'

const PLAN = 'janus agent install'

/** What there is of an installation, in the eleven steps of the documents, or why a step is none. */
export async function installFindings(survey: InstallSurvey): Promise<readonly Finding[]> {
  const wanted = await installSteps(survey).catch((error: unknown) => error as Error)
  const steps = wanted instanceof Error ? undefined : wanted
  return [
    await environmentFinding(survey),
    dependencyFinding(survey),
    stepFinding('install-user', steps?.user, `the agent runs as ${survey.account.name} (${survey.account.uid})`),
    stepFinding(
      'install-directories',
      steps?.directories,
      `${survey.places.length} directories are there and the agent’s`,
    ),
    {
      id: 'install-runtime',
      status: 'ok',
      summary: 'nothing is to be set up: it is a program of Node, without an environment of its own',
    },
    codeFinding(survey),
    stepFinding('install-configuration', steps?.configuration, `${survey.options.config} is there`),
    memoryFinding(survey),
    stepFinding('install-service', steps?.service, 'the units are as they should be'),
    securityFinding(survey, steps),
    verificationFinding(wanted),
  ]
}

/** Why nothing can be planned here. */
export function refusalFinding(error: unknown): Finding {
  const { summary, remedy } = diagnosticOf(error)
  return { id: 'install-verification', status: 'critical', summary, ...(remedy === undefined ? {} : { remedy }) }
}

async function environmentFinding({ host }: InstallSurvey): Promise<Finding> {
  const path = '/run/systemd/system'
  const id = 'install-environment'
  if (await host.exists(path)) return { id, status: 'ok', summary: 'systemd runs this machine', evidence: [{ path }] }
  return {
    id,
    status: 'warn',
    summary: 'systemd does not run here: the units are written, and nothing reads them',
    evidence: [{ path }],
    remedy: 'Start `janus agent controls` and `janus agent run` by whatever starts programs here.',
  }
}

function dependencyFinding({ programs }: InstallSurvey): Finding {
  const id = 'install-dependencies'
  const missing = DEPENDENCIES.filter(({ program }) => programs[program] === undefined)
  if (missing.length === 0)
    return { id, status: 'ok', summary: `${DEPENDENCIES.map(({ name }) => name).join(', ')} are there` }
  return {
    id,
    status: missing.some(({ isNeeded }) => isNeeded) ? 'critical' : 'warn',
    summary: missing.map(({ name, purpose }) => `${name} is missing: ${purpose}`).join('; '),
    // A package may bring and start anything, which no plan could undo: it is named, and installed by a person.
    remedy: `apt-get install ${[...new Set(missing.map((one) => one.package))].join(' ')}`,
  }
}

function codeFinding({ programs, options, unit }: InstallSurvey): Finding {
  const id = 'install-code'
  if (options.program === undefined && programs.janus === undefined) {
    const remedy = 'npm install --global @janus/cli, or name it: --program'
    return { id, status: 'warn', summary: 'no janus is on PATH that the units could start', remedy }
  }
  return { id, status: 'ok', summary: `the units start ${unit.program}; npm installs it, no plan copies code` }
}

function memoryFinding({ configuration: { settings } }: InstallSurvey): Finding {
  const id = 'install-memory'
  const path = settings.constitutional.charter_path
  if (path === null) return { id, status: 'skipped', summary: 'no charter is named: nothing is to be copied' }
  return { id, status: 'ok', summary: `the charter is ${path}`, evidence: [{ path }] }
}

function securityFinding({ appArmor }: InstallSurvey, steps: InstallSteps | undefined): Finding {
  const id = 'install-security'
  const nothingElse =
    'no entry of sudoers: the agent needs no rights; no firewall rule: it listens on loopback and a socket only'
  if (appArmor.kind !== 'restricted') {
    const allowed =
      appArmor.kind === 'allowed' ? `AppArmor lets bubblewrap make user namespaces (${appArmor.profile}); ` : ''
    return { id, status: 'ok', summary: `${allowed}${nothingElse}` }
  }
  return {
    id,
    status: 'warn',
    summary:
      'AppArmor restricts user namespaces here, and no profile lets bubblewrap make them: no sandbox can be built',
    evidence: [{ path: RESTRICTION, value: '1' }],
    ...(steps === undefined ? {} : { remedy: PLAN }),
  }
}

function verificationFinding(wanted: InstallSteps | Error): Finding {
  const id = 'install-verification'
  if (wanted instanceof Error) return refusalFinding(wanted)
  const missing = changesOfSteps(wanted).length
  if (missing === 0)
    return { id, status: 'ok', summary: 'the installation is whole; `janus doctor` says whether it works' }
  return { id, status: 'warn', summary: `${missing} changes are missing to it`, remedy: PLAN }
}

function stepFinding(id: string, changes: readonly Change[] | undefined, whole: string): Finding {
  if (changes === undefined) return { id, status: 'skipped', summary: 'it cannot be told; see install-verification' }
  if (changes.length === 0) return { id, status: 'ok', summary: whole }
  const evidence = changes.flatMap((change) => ('path' in change ? [{ path: change.path }] : []))
  const [first] = changes
  const more = changes.length === 1 ? '' : `, and ${changes.length - 1} more`
  return { id, status: 'warn', summary: `not yet: ${first?.why}${more}`, evidence, remedy: PLAN }
}
