// Binds each target, looks at the status, rolls back: by the CLI, and by a program that has only the SDK.
import { cpSync, existsSync, mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import {
  check,
  device,
  differences,
  finish,
  groupMembers,
  hostState,
  janus,
  janusJson,
  janusProgram,
  note,
  repository,
  run,
} from './kit.mjs'

const { nic, nicAudio, nvme, display, displayAudio } = JSON.parse(process.argv[2])

const version = await janus('--version')
if (!check('the CLI is built and starts', version.exitCode === 0, version)) finish()

const before = await hostState()
await roundTrip('an NIC and the audio function beside it', [nic, nicAudio])
await roundTrip('an audio function, its sibling with consent', [nicAudio], ['-o', `includeSiblings=${nic}`], [nic])
await roundTrip('an NVMe', [nvme])
await roundTrip('a display controller with its audio', [display, displayAudio], ['-o', 'allowUse=only-display'])
await applyAndRollBack(`the whole group of ${nic}`, groupMembers(nic), ['--group', device(nic).group])
await sdkAlone()
finish()

async function roundTrip(title, addresses, more = [], dragged = []) {
  await applyAndRollBack(title, [...addresses, ...dragged], ['--device', ...addresses, ...more])
}

async function applyAndRollBack(title, addresses, target) {
  const dry = await janusJson('bind', ...target)
  const changes = dry.document?.data?.plan?.changes ?? []
  const overridden = addresses.every((address) =>
    changes.some(({ path }) => path?.endsWith(`${address}/driver_override`)),
  )
  if (!check(`${title}: the dry-run shows the plan`, dry.exitCode === 0 && overridden, dry)) return
  const losses = changes.flatMap(({ irreversible = [] }) => irreversible.flatMap(({ id }) => ['--accept', id]))
  const unchanged = differences(before, await hostState())
  check(`${title}: the dry-run changes nothing`, isEmpty(unchanged), unchanged)

  const apply = await janus('bind', ...target, '--apply', '--yes', ...losses)
  check(`${title}: apply succeeds`, apply.exitCode === 0, apply)
  const bound = await hostState()
  for (const address of addresses) {
    const expected = { driver: 'vfio-pci', override: 'vfio-pci\n' }
    check(`${title}: ${address} is on vfio-pci and aimed at it`, same(bound.devices[address], expected), {
      found: bound.devices[address],
    })
  }
  const others = Object.keys(differences(before, bound)).filter(
    (name) => name !== 'modules' && !addresses.includes(name),
  )
  check(`${title}: nothing else is touched`, others.length === 0, others)
  const status = await janusJson('status')
  check(`${title}: status is clean`, status.exitCode === 0 && status.document?.data?.clean === true, status)
  const again = await janusJson('bind', ...target, '--apply', '--yes')
  check(
    `${title}: binding again is no change`,
    again.exitCode === 0 && again.document?.data?.outcome === 'unchanged',
    again,
  )

  const rollback = await janus('bind', '--rollback', '--yes')
  check(`${title}: rollback succeeds`, rollback.exitCode === 0, rollback)
  const changed = differences(before, await hostState())
  check(`${title}: afterwards driver and override are as before, byte for byte`, isEmpty(changed), changed)
}

/** The SDK, the module and the example in a folder of their own; the CLI is nowhere on this machine any more. */
async function sdkAlone() {
  const folder = '/opt/program-with-the-sdk'
  installPackages(folder, ['core', 'modules-gpu'])
  const program = `${folder}/bind-and-roll-back.mjs`
  cpSync(`${repository}examples/bind-and-roll-back.mjs`, program)
  await run('mount', ['-t', 'tmpfs', 'none', `${repository}packages/cli`])
  check('the CLI is gone', !existsSync(janusProgram))
  const cli = await resolves(folder, '@janus/cli/package.json')
  check(
    'from the folder of the program no CLI can be resolved',
    cli.exitCode !== 0 && cli.stderr.includes('MODULE_NOT_FOUND'),
    cli,
  )
  const core = await resolves(folder, '@janus/core/package.json')
  check(
    'what it resolves is its own copy of core',
    core.stdout === `${folder}/node_modules/@janus/core/package.json`,
    core,
  )

  const result = await run(process.execPath, [program, nvme], { timeoutMs: 120_000 })
  const order = [...result.stdout.matchAll(/^(applied|status|undone): (.*)$/gm)].map(
    ([, word, rest]) => `${word} ${rest}`,
  )
  const expected = [`applied ${nvme} vfio-pci`, 'status as planned', `undone ${nvme} nvme`]
  const told = order.length === 3 && expected.every((text, at) => order[at].startsWith(text))
  check(
    'the program binds, looks at the status and rolls back through @janus/core alone',
    result.exitCode === 0 && told,
    {
      ...result,
      order,
    },
  )
  note(result.stdout)
  const changed = differences(before, await hostState())
  check('after the program driver and override are as before, byte for byte', isEmpty(changed), changed)
}

/** As npm would lay them out: what their `files` name, and links to what they depend on. */
function installPackages(folder, names) {
  const modules = `${folder}/node_modules`
  for (const name of names) {
    const origin = `${repository}packages/${name}`
    const manifest = JSON.parse(readFileSync(`${origin}/package.json`, 'utf8'))
    const target = `${modules}/${manifest.name}`
    mkdirSync(target, { recursive: true })
    for (const file of ['package.json', ...manifest.files]) {
      if (existsSync(`${origin}/${file}`)) cpSync(`${origin}/${file}`, `${target}/${file}`, { recursive: true })
    }
    for (const dependency of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })) {
      const place = `${modules}/${dependency}`
      if (dependency.startsWith('@janus/') || existsSync(place)) continue
      mkdirSync(dirname(place), { recursive: true })
      symlinkSync(realpathSync(`${repository}node_modules/${dependency}`), place)
    }
  }
}

async function resolves(folder, specifier) {
  const probe = `${folder}/resolve.cjs`
  writeFileSync(probe, 'process.stdout.write(require.resolve(process.argv[2]))\n')
  return run(process.execPath, [probe, specifier])
}

function same(left, right) {
  return JSON.stringify(left) === JSON.stringify(right)
}

function isEmpty(object) {
  return Object.keys(object).length === 0
}
