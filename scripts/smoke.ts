import { access, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { folderListing, listingDifference } from './folder-listing.js'
import { type ProgramResult, tool } from './run-program.js'
import { printToolCheck, type ToolCheck } from './tool-check.js'
import { writtenFiles } from './written-files.js'

const ABSENT_DEVICE = '0000:03:00.0'

/** One line of the quickstart and how it may end. */
interface Line {
  readonly args: readonly string[]
  readonly fault: (result: ProgramResult) => string | undefined
}

/** `npm run smoke`: the quickstart in a temporary HOME. It must answer, and must write nothing anywhere. */
async function main(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'janus-smoke-'))
  try {
    const checks = [...(await quickstart(folder)), await control(folder)]
    for (const check of checks) printToolCheck(check)
    return checks.every(({ ok }) => ok) ? 0 : 1
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function quickstart(folder: string): Promise<readonly ToolCheck[]> {
  const present = await access(`/sys/bus/pci/devices/${ABSENT_DEVICE}`).then(
    () => true,
    () => false,
  )
  const checks: ToolCheck[] = []
  for (const { args, fault } of lines(present)) checks.push(await runLine(folder, args, fault))
  return checks
}

function lines(devicePresent: boolean): readonly Line[] {
  const bind = ['bind', '--device', ABSENT_DEVICE, '--dry-run', '--yes']
  return [
    { args: ['check', '--no-interactive'], fault: checkFault },
    { args: ['bind', '--list'], fault: ({ exitCode }) => (exitCode === 0 ? undefined : `exit code ${exitCode}`) },
    { args: bind, fault: (result) => (devicePresent ? crashed(result) : refusalFault(result)) },
    { args: [...bind, '--json'], fault: (result) => (devicePresent ? crashed(result) : jsonRefusalFault(result)) },
  ]
}

async function runLine(folder: string, args: readonly string[], fault: Line['fault']): Promise<ToolCheck> {
  const env = await emptyHome(folder)
  const places = [folder, '/var/lib/janus', '/etc/janus', '/run/janus']
  const before = await listings(places)
  const { result, calls } = await writtenFiles(tool('janus'), args, { cwd: env.HOME, env })
  const differences = (await listings(places)).flatMap((listing, index) =>
    listingDifference(before[index] ?? [], listing),
  )
  const faults = [fault(result), ...differences, ...(calls ?? [])].filter((line) => line !== undefined)
  const name = `janus ${args.join(' ')}${calls === undefined ? ' (without strace)' : ''}`
  return { name, ok: faults.length === 0, output: `${faults.join('\n')}\n${result.output}` }
}

/** Shows that both ways of looking would notice a program that writes. */
async function control(folder: string): Promise<ToolCheck> {
  const env = await emptyHome(folder)
  const before = await folderListing(folder)
  const program = "require('node:fs').writeFileSync(process.env.HOME + '/left-behind', '')"
  const { calls } = await writtenFiles(process.execPath, ['-e', program], { cwd: env.HOME, env })
  const noticed = listingDifference(before, await folderListing(folder)).some((line) => line.includes('left-behind'))
  const traced = calls === undefined || calls.some((call) => call.includes('left-behind'))
  return {
    name: 'a program that writes is noticed',
    ok: noticed && traced,
    output: `listing ${noticed}, strace ${traced}`,
  }
}

async function emptyHome(folder: string): Promise<{ HOME: string; PATH: string; TMPDIR: string; LANG: string }> {
  const [home, temporary] = [join(folder, 'home'), join(folder, 'tmp')]
  await mkdir(home, { recursive: true })
  await mkdir(temporary, { recursive: true })
  await writeFile(join(home, '.profile'), 'a file that must stay as it is\n')
  return { HOME: home, PATH: process.env.PATH ?? '', TMPDIR: temporary, LANG: 'C.UTF-8' }
}

async function listings(places: readonly string[]): Promise<readonly (readonly string[])[]> {
  return await Promise.all(places.map(folderListing))
}

/** Critical findings are an answer: exit code 1. */
function checkFault(result: ProgramResult): string | undefined {
  if (result.exitCode > 1) return `exit code ${result.exitCode}`
  return result.stdout.trim() === '' ? 'no findings on standard output' : undefined
}

function refusalFault({ exitCode, output }: ProgramResult): string | undefined {
  if (exitCode !== 1) return `exit code ${exitCode} instead of 1`
  return output.includes(ABSENT_DEVICE) ? undefined : 'the message does not name the device'
}

function jsonRefusalFault(result: ProgramResult): string | undefined {
  try {
    const document = JSON.parse(result.stdout) as { ok: boolean; diagnostics: readonly { code: string }[] }
    const codes = document.diagnostics.map(({ code }) => code)
    const right = !document.ok && codes.length === 1 && codes[0] === 'JANUS_DEVICE_NOT_FOUND'
    return right ? crashed(result) : `refused with ${codes.join(', ')} instead of JANUS_DEVICE_NOT_FOUND`
  } catch {
    return 'standard output is not one JSON document'
  }
}

function crashed({ exitCode }: ProgramResult): string | undefined {
  return exitCode <= 1 ? undefined : `exit code ${exitCode}`
}

process.exitCode = await main()
