// Modules of strangers as root meets them: installed from a registry beforehand, on a machine without a network.
import { appendFileSync, chownSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { unpackInstallation } from './kit/installed-janus.mjs'
import { check, finish, hostState, listFolder, note, run } from './kit.mjs'

const { archive, modules } = JSON.parse(process.argv[2])
const { typescript, bash, hostile } = modules
const strangers = [typescript, bash, hostile]

const attribute = '/sys/kernel/mm/transparent_hugepage/enabled'
const chosen = '/etc/quiet-memory/mode'
const sysctl = `/etc/sysctl.d/90-${bash.id}.conf`
const journal = '/run/janus-lab/layer/root/var/lib/janus'

const { home, extensions, janusJson } = await unpackInstallation(archive)
const before = await machineState()

await listed()
await checkedInTheSandbox()
await plannedAppliedAndRolledBack()
await nothingThatRootRuns()
await trusted()
await patched()
await ownedByOthers()
await mended()
await removed()
finish()

async function listed() {
  const all = await rows()
  for (const { id, packageName } of strangers) {
    const row = all.get(id)
    const sandboxed = row?.status === 'enabled' && row.isolation === 'sandbox' && row.trusted === false
    check(`${id} is listed: enabled, in the sandbox, not trusted`, sandboxed && row.source === packageName, row)
  }
  const own = [...all.values()].filter(({ source }) => source.startsWith('@janus/'))
  const ours =
    own.length > 0 && own.every(({ status, isolation }) => status === 'enabled' && isolation === 'in-process')
  check('what came with the CLI is enabled in its process', ours, own)
}

async function checkedInTheSandbox() {
  const checked = await janusJson('check', ...strangers.map(({ id }) => id))
  const { modules: answered = [], diagnostics = [] } = checked.document?.data ?? {}
  const silent = strangers.filter(
    ({ id }) => !answered.some(({ module, findings }) => module === id && findings.length > 0),
  )
  check('each is checked as root, and has findings', silent.length === 0 && diagnostics.length === 0, checked)

  const findings = answered.find(({ module }) => module === hostile.id)?.findings ?? []
  const tried = findings.filter(({ id }) => id !== 'user')
  const held = tried.length === 6 && tried.every(({ summary }) => summary.startsWith('refused: '))
  check('what the hostile one tries while it checks is refused, all of it', held, findings)
  const user = Number(findings.find(({ id }) => id === 'user')?.summary)
  check('it does not run as root', user > 0, findings)
  await expectUnchanged('a check changes nothing on the machine')
}

async function plannedAppliedAndRolledBack() {
  const found = bracketed(readFileSync(attribute, 'utf8'))
  const mode = found === 'never' ? 'madvise' : 'never'
  const options = [typescript.id, '-o', `mode=${mode}`]

  const planned = await janusJson('plan', ...options)
  const changes = (planned.document?.data?.plan?.changes ?? []).map(({ kind, path }) => `${kind} ${path}`)
  const wanted = [`write-attribute ${attribute}`, 'create-directory /etc/quiet-memory', `write-file ${chosen}`]
  check('its plan shows the three changes', planned.exitCode === 0 && `${changes}` === `${wanted}`, planned)
  await expectUnchanged('a plan changes nothing on the machine')

  const applied = await janusJson('apply', ...options, '--yes')
  check('its plan is applied', applied.exitCode === 0, applied)
  check(
    'the kernel has the value',
    bracketed(readFileSync(attribute, 'utf8')) === mode,
    readFileSync(attribute, 'utf8'),
  )
  check('the file is there', contentOf(chosen) === `mode=${mode}\n`, contentOf(chosen))
  const status = await janusJson('status')
  check('status is clean', status.exitCode === 0 && status.document?.data?.clean === true, status)
  const again = await janusJson('apply', ...options, '--yes')
  const unchanged = again.exitCode === 0 && again.document?.data?.outcome === 'unchanged'
  check('applied again, there is nothing to do', unchanged, again)

  const rolledBack = await janusJson('rollback', '--last', '--yes')
  check('it is rolled back', rolledBack.exitCode === 0, rolledBack)
  await expectUnchanged('after the rollback the machine is as before, byte for byte')
}

async function nothingThatRootRuns() {
  for (const { id } of [bash, hostile]) {
    const planned = await janusJson('plan', id)
    const refused = planned.exitCode !== 0 && codesOf(planned).includes('JANUS_MODULE_UNTRUSTED')
    check(`${id} is not trusted, so no plan is taken from it that makes root run something`, refused, planned)
    const applied = await janusJson('apply', id, '--yes')
    check(
      `${id} is not applied either`,
      applied.exitCode !== 0 && codesOf(applied).includes('JANUS_MODULE_UNTRUSTED'),
      applied,
    )
  }
  await expectUnchanged('the refusals leave the machine as it was')
}

async function trusted() {
  const review = await janusJson('module', 'trust', bash.id, '--dry-run')
  check('what trusting would agree to can be read first', review.document?.data?.trusted === false, review)
  const agreed = await janusJson('module', 'trust', bash.id, '--yes')
  check('it is trusted', agreed.exitCode === 0 && agreed.document?.data?.trusted === true, agreed)
  const all = await rows()
  check(
    'its row says so; it is still asked in the sandbox',
    all.get(bash.id)?.trusted && all.get(bash.id).isolation === 'sandbox',
    all.get(bash.id),
  )
  check('trust in one is not trust in another', strangers.filter(({ id }) => all.get(id)?.trusted).length === 1, [
    ...all.values(),
  ])
  const planned = await janusJson('plan', bash.id, '-o', 'value=10')
  const [change, ...rest] = planned.document?.data?.plan?.changes ?? []
  const opaque = change?.kind === 'run-command' && change.opaque === true && rest.length === 0
  check('its plan is one command of which nobody knows the effects', planned.exitCode === 0 && opaque, planned)
  for (const mode of ['source', 'subshell']) await appliedAsProgram(mode)
}

/** The directory of the file exists on every Debian, so the file is all there is to see. */
async function appliedAsProgram(mode) {
  process.env.JANUS_MODULE_EXEC_MODE = mode
  const applied = await janusJson('apply', bash.id, '-o', 'value=10', '--yes')
  check(`exec mode ${mode}: the bash module is applied`, applied.exitCode === 0, applied)
  check(`exec mode ${mode}: its file is there`, contentOf(sysctl)?.endsWith('vm.swappiness = 10\n'), contentOf(sysctl))
  const status = await janusJson('status')
  check(`exec mode ${mode}: status is clean`, status.exitCode === 0 && status.document?.data?.clean === true, status)
  const rolledBack = await janusJson('rollback', '--last', '--yes')
  check(`exec mode ${mode}: it is rolled back`, rolledBack.exitCode === 0, rolledBack)
  await expectUnchangedBesides(`exec mode ${mode}: afterwards the machine is as before, byte for byte`, extensions)
}

async function patched() {
  const entries = [
    [typescript, 'dist/index.js', '\n// One more line.\n'],
    [bash, `modules/host/${bash.id}.sh`, '\ntouch /etc/patched\n'],
    [bash, 'lib/janus-log.sh', '\ntouch /etc/patched\n'],
  ]
  for (const [{ id, packageName }, file, more] of entries) {
    const path = `${extensions}/node_modules/${packageName}/${file}`
    const original = readFileSync(path)
    appendFileSync(path, more)
    await expectBlocked(`${id} with a patched ${file}`, id, 'JANUS_MODULE_INTEGRITY')
    writeFileSync(path, original)
  }
}

async function ownedByOthers() {
  const { id, packageName } = typescript
  const path = `${extensions}/node_modules/${packageName}/dist/index.js`
  chownSync(path, 1000, 1000)
  await expectBlocked(`${id} with a file that another user could replace`, id, 'JANUS_MODULE_PATH_UNSAFE')
  chownSync(path, 0, 0)
}

async function expectBlocked(title, id, code) {
  const all = await rows()
  const row = all.get(id)
  const blocked = row?.status === 'blocked' && row.diagnostics.some((one) => one.code === code)
  check(`${title} is blocked: ${code}`, blocked, row)
  const others = strangers.filter((other) => other.id !== id).map((other) => all.get(other.id))
  check(
    `${title} costs the others nothing`,
    others.every((other) => other?.status === 'enabled'),
    others,
  )
  const applied = await janusJson('apply', id, '--yes')
  check(`${title} is not applied`, applied.exitCode !== 0 && codesOf(applied).includes(code), applied)
}

async function mended() {
  const all = await rows()
  const enabled = strangers.every(({ id }) => all.get(id)?.status === 'enabled')
  check("all are enabled again when their files are as they were agreed to, and root's", enabled, [...all.values()])
  check('trust has lasted', all.get(bash.id)?.trusted === true, all.get(bash.id))
  await expectUnchangedBesides('nothing of a blocked module has run', extensions)
}

async function removed() {
  for (const { id, packageName } of strangers) {
    const gone = await janusJson('module', 'remove', id, '--yes')
    check(`${id} is removed, without a network`, gone.exitCode === 0 && gone.document?.data?.removed === true, gone)
    check(`${packageName} is gone from the extensions`, !existsSync(`${extensions}/node_modules/${packageName}`))
  }
  const all = [...(await rows()).values()]
  const left = all.filter(({ source }) => !source.startsWith('@janus/'))
  check('nothing but what came with the CLI is listed', all.length > 0 && left.length === 0, left)
  const { modules: pins } = JSON.parse(readFileSync(`${extensions}/janus.lock.json`, 'utf8'))
  check('nothing is agreed to any more', Object.keys(pins).length === 0, pins)
  const { dependencies = {} } = JSON.parse(readFileSync(`${extensions}/package.json`, 'utf8'))
  check('nothing is asked for any more', Object.keys(dependencies).length === 0, dependencies)
  await expectUnchangedBesides('the machine is as before the first module, byte for byte', home)
}

/** The rows of `janus module list`, by id. */
async function rows() {
  const result = await janusJson('module', 'list')
  if (result.document === undefined) note(`janus module list: ${JSON.stringify(result)}`)
  return new Map((result.document?.data?.modules ?? []).map((row) => [row.id, row]))
}

/**
 * What a module could have changed: attributes, devices, every file that was ever written to the root file system except
 * Janus's own records, and all of /etc. Directories elsewhere count when there is a file in them.
 */
async function machineState() {
  const layer = Object.entries(listFolder('/run/janus-lab/layer/root')).filter(
    ([path, is]) => !is.startsWith('4') && !path.startsWith(journal),
  )
  const attributes = [attribute, attribute.replace('enabled', 'defrag'), '/proc/sys/vm/swappiness']
  const values = attributes.map((path) => [path, readFileSync(path, 'utf8')])
  return new Map([...layer, ...values, ...(await etc()), ['devices', JSON.stringify(await hostState())]])
}

/** A directory without its size: the layer over it counts otherwise. The bytes of a file that was written are in the layer's listing. */
async function etc() {
  const { stdout } = await run('find', [
    ...['/etc', '-type', 'd', '-printf', '%p\t%m %U:%G\n'],
    ...['-o', '-printf', '%p\t%y %m %U:%G %s %T@ %l\n'],
  ])
  return stdout.split('\n').flatMap((line) => (line === '' ? [] : [line.split('\t')]))
}

async function expectUnchanged(title) {
  const changed = await changes()
  check(title, changed.length === 0, changed)
}

async function expectUnchangedBesides(title, folder) {
  const changed = (await changes()).filter(({ name }) => !name.startsWith(`/run/janus-lab/layer/root${folder}/`))
  check(title, changed.length === 0, changed)
}

async function changes() {
  const now = await machineState()
  const names = [...new Set([...before.keys(), ...now.keys()])].filter((name) => before.get(name) !== now.get(name))
  return names.map((name) => ({ name, before: before.get(name), now: now.get(name) }))
}

function codesOf({ document }) {
  return (document?.diagnostics ?? []).map(({ code }) => code)
}

function contentOf(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}

function bracketed(text) {
  return /\[(\w+)\]/.exec(text)?.[1]
}
