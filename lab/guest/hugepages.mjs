// cpu-hugepages on two nodes, through the built packages: pages near a device and over all nodes, transparent ones, files that
// a boot reads, carried out by the programs of a boot; a node that has less, and memory that is taken behind the plan.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpuHugepages } from '../../packages/modules-cpu/dist/index.js'
import { fileStates } from './kit/file-states.mjs'
import { reservePages } from './kit/reserve-pages.mjs'
import { createRounds } from './kit/round-trip.mjs'
import { check, finish, note, run } from './kit.mjs'

const near = process.argv[2]
const NODES = '/sys/devices/system/node'
const THP = '/sys/kernel/mm/transparent_hugepage'
const TMPFILES = '/etc/tmpfiles.d'
const SYSCTL = '/etc/sysctl.d'
const MIB_OF_PAGE = 2
const pool = (node) => `${NODES}/node${node}/hugepages/hugepages-2048kB/nr_hugepages`
const text = (path) => readFileSync(path, 'utf8').trim()
const nodePages = () => [0, 1].map((node) => Number(text(pool(node))))
const chosen = (name) => /\[(.*)\]/.exec(text(`${THP}/${name}`))?.[1]

const { janus, roundTrip, refused, differences } = createRounds({ modules: [cpuHugepages], readState: state })
const settings = { about: ['hugepages-requested', 'hugepages-settings'] }

check('the machine has two nodes, and the NIC is on the second', text(`/sys/bus/pci/devices/${near}/numa_node`) === '1')
// A state of its own to come back to, rather than none.
writeFileSync(pool(0), '5')
writeFileSync(`${THP}/enabled`, 'madvise')
writeFileSync(`${THP}/defrag`, 'madvise')
check('five pages are there to begin with', nodePages().join() === '5,0', nodePages())

await nearTheDevice()
await overAllNodes()
await transparent()
await withoutFolders()
await tooMany()
await reservedByAProgram()
await takenBehindThePlan()
await janus.close()
finish()

async function nearTheDevice() {
  await roundTrip(
    '40 pages near the NIC',
    cpuHugepages,
    { pages: 40, near },
    {
      about: ['hugepages-requested'],
      between: () => check('40 pages near the NIC: they are on its node', nodePages().join() === '5,40', nodePages()),
    },
  )
  const options = { pages: 40, near, persistent: true, transparent: 'never', defrag: 'defer' }
  await roundTrip('40 pages near the NIC at every boot, transparent ones never', cpuHugepages, options, {
    ...settings,
    between: async () => {
      await bootsInto('40 pages near the NIC', async () => {
        const { exitCode, stderr } = await run('systemd-tmpfiles', ['--create', '--boot', '--prefix=/sys'])
        check('40 pages near the NIC: systemd-tmpfiles takes the files', exitCode === 0, stderr)
      })
      check('40 pages near the NIC: a boot makes them', nodePages().join() === '0,40', nodePages())
      check(
        '40 pages near the NIC: a boot sets transparent ones',
        chosen('enabled') === 'never' && chosen('defrag') === 'defer',
        [chosen('enabled'), chosen('defrag')],
      )
      await asItWas()
      const status = await janus.status()
      check('40 pages near the NIC: status is clean after it', status.clean, status.drift)
    },
  })
}

async function overAllNodes() {
  const [fromNodes, total] = [() => nodePages().join(), () => text('/proc/sys/vm/nr_hugepages')]
  await roundTrip(
    '61 pages over all nodes at every boot',
    cpuHugepages,
    { pages: 61, persistent: true },
    {
      ...settings,
      between: async () => {
        check('61 pages over all nodes: spread evenly', fromNodes() === '31,30' && total() === '61', fromNodes())
        await bootsInto('61 pages over all nodes', async () => {
          const { exitCode, stderr } = await run('/lib/systemd/systemd-sysctl', ['--prefix=vm/nr_hugepages'])
          check('61 pages over all nodes: systemd-sysctl takes the file', exitCode === 0, stderr)
        })
        check('61 pages over all nodes: a boot makes them', total() === '61', [fromNodes(), total()])
        note(`systemd-sysctl spread 61 pages as ${fromNodes()}`)
        await bootsInto('61 pages over all nodes', async () => {
          const { exitCode, stderr } = await run('sysctl', ['--system'])
          check('61 pages over all nodes: sysctl --system takes the file', exitCode === 0 && total() === '61', stderr)
        })
        writeFileSync(pool(0), '31')
        writeFileSync(pool(1), '30')
      },
    },
  )
  await roundTrip('none instead of five', cpuHugepages, { pages: 0 }, { about: ['hugepages-requested'] })
}

async function transparent() {
  for (const mode of ['always', 'never'])
    await roundTrip(
      `transparent hugepages: ${mode}`,
      cpuHugepages,
      { transparent: mode },
      {
        about: ['hugepages-settings'],
        between: () => check(`transparent hugepages: ${mode} it is`, chosen('enabled') === mode),
      },
    )
  for (const defrag of ['always', 'defer', 'defer+madvise', 'never'])
    await roundTrip(
      `their defragmentation: ${defrag}`,
      cpuHugepages,
      { defrag },
      {
        about: ['hugepages-settings'],
        between: () => check(`their defragmentation: ${defrag} it is`, chosen('defrag') === defrag),
      },
    )
}

async function withoutFolders() {
  rmSync(TMPFILES, { recursive: true })
  const options = { pages: 8, node: 1, persistent: true, transparent: 'always' }
  await roundTrip('a host without tmpfiles.d', cpuHugepages, options, {
    ...settings,
    between: () => check('a host without tmpfiles.d: two files', readdirSync(TMPFILES).length === 2),
  })
  check('a host without tmpfiles.d has none again', !existsSync(TMPFILES))
  mkdirSync(TMPFILES)
}

async function tooMany() {
  for (const persistent of [false, true]) {
    const where = persistent ? ', at every boot' : ''
    const words = /could be made free \(.*node1\/meminfo\)/
    await refused(`more than the node has${where}`, cpuHugepages, { pages: 600, near, persistent }, words)
  }
  await refused('a node that is not there', cpuHugepages, { pages: 1, node: 7 }, /has no NUMA node 7/)
  const size = { pages: 1, size: '16M' }
  await refused('a size that is not there', cpuHugepages, size, /no hugepages of 16M/, 'JANUS_HOST_LACKS_FEATURE')
}

/** What is mapped and not touched is free, and promised: the kernel keeps it whatever it is asked for. */
async function reservedByAProgram() {
  const before = state()
  const plan = await janus.plan('cpu-hugepages', { pages: 2, node: 0 })
  const end = await reservePages(4)
  await refused(
    'fewer pages than a program has reserved',
    cpuHugepages,
    { pages: 2, node: 0 },
    /0 pages of 2M are in use and 4 more are reserved/,
  )
  const error = await janus.apply(plan).then(
    () => undefined,
    (reason) => reason,
  )
  check('pages reserved behind the plan are a failed step', error?.code === 'JANUS_VERIFY_FAILED', error?.message)
  const left = differences(before, state())
  check('the kernel kept them as surplus, and the undo makes them the pool’s again', left.length === 0, left)
  writeFileSync(pool(0), '2')
  const surplus = Number(text(pool(0).replace('nr_', 'surplus_')))
  check('a number below the reservation does leave surplus', nodePages()[0] === 4 && surplus === 2, [
    nodePages(),
    surplus,
  ])
  await end()
  check('surplus pages go with the program', nodePages()[0] === 2, nodePages())
  writeFileSync(pool(0), '5')
  check('the pool is what it was', differences(before, state()).length === 0, differences(before, state()))
}

/** Memory in a tmpfs on one node cannot be reclaimed without swap: the kernel grants less than it was asked for, silently. */
async function takenBehindThePlan() {
  const before = state()
  const plan = await janus.plan('cpu-hugepages', { pages: 350, near, persistent: true, transparent: 'never' })
  mkdirSync('/run/taken')
  await run('mount', ['-t', 'tmpfs', '-o', 'size=700m,mpol=bind:1', 'taken', '/run/taken'])
  const filled = await run('dd', ['if=/dev/zero', 'of=/run/taken/file', 'bs=1M', 'count=600'], { timeoutMs: 300_000 })
  check('the memory of the node is taken', filled.exitCode === 0, filled.stderr)
  const free = Number(/MemFree:\s+(\d+)/.exec(text(`${NODES}/node1/meminfo`))?.[1])
  check('too little is left', free < 350 * MIB_OF_PAGE * 1024, free)
  const error = await janus.apply(plan).then(
    () => undefined,
    (reason) => reason,
  )
  note(`${free} KiB free on node 1: ${error?.code} ${error?.message}`)
  check('a grant that was clamped is a failed step', error?.code === 'JANUS_VERIFY_FAILED', error?.message)
  check(
    'the number that was granted is named',
    /\b\d+\b/.test(error?.message ?? '') && /nr_hugepages/.test(error?.message ?? ''),
    error?.message,
  )
  const left = differences(before, state())
  check('what was granted is given back, and no file is written', left.length === 0, left)
  const status = await janus.status()
  check('status is clean after it', status.clean, status)
  await run('umount', ['/run/taken'])
  const applied = await janus.apply(await janus.plan('cpu-hugepages', { pages: 350, near })).catch((reason) => reason)
  check(
    'with the memory back the same is granted',
    applied.outcome === 'applied' && nodePages()[1] === 350,
    applied.message,
  )
  await janus.rollback({ transaction: applied.transaction })
  check('and given back', differences(before, state()).length === 0, differences(before, state()))
}

/** What a boot begins with, then what it runs. */
async function bootsInto(title, boot) {
  for (const node of [0, 1]) writeFileSync(pool(node), '0')
  writeFileSync(`${THP}/enabled`, 'always')
  writeFileSync(`${THP}/defrag`, 'madvise')
  check(`${title}: a boot begins without pages`, nodePages().join() === '0,0', nodePages())
  await boot()
  writeFileSync(`${THP}/enabled`, chosen('enabled') === 'always' ? 'madvise' : chosen('enabled'))
}

/** The five pages of this test are no setting of the host, so no boot makes them. */
function asItWas() {
  writeFileSync(pool(0), '5')
}

/** Pools, settings and the folders of files that a boot reads. */
function state() {
  const found = { enabled: text(`${THP}/enabled`), defrag: text(`${THP}/defrag`) }
  for (const node of [0, 1])
    for (const folder of readdirSync(`${NODES}/node${node}/hugepages`))
      for (const name of ['nr_hugepages', 'surplus_hugepages'])
        found[`node${node}/${folder}/${name}`] = text(`${NODES}/node${node}/hugepages/${folder}/${name}`)
  return { ...found, ...fileStates(['/etc/sysctl.conf'], [SYSCTL, TMPFILES]) }
}
