// Captures this machine, holds plans and answers made from the capture against those made live, and hands the file over.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { check, finish, janus, janusJson, note, value } from './kit.mjs'

const { name, plans } = JSON.parse(process.argv[2])
const MOST_BYTES = 1_048_576
const file = `/tmp/${name}.snapshot.json`
const secrets = identities()

const captured = await janus('snapshot', '--out', file)
check(`${name}: a snapshot is captured`, captured.exitCode === 0, captured)
const text = readFileSync(file, 'utf8')
note(`${name}: ${statSync(file).size} bytes`)
check(`${name}: it is small enough to be kept`, text.length < MOST_BYTES, text.length)

check(`${name}: the machine has identities to hide`, secrets.length > 3, secrets)
for (const secret of secrets)
  check(`${name}: it does not tell ${secret}`, !text.toLowerCase().includes(secret.toLowerCase()))
check(`${name}: it says that identities are masked`, JSON.parse(text).masked === true)

for (const [module, ...options] of plans) {
  const args = ['plan', module, ...options.flatMap((option) => ['-o', option])]
  const live = await janusJson(...args)
  const from = await janusJson(...args, '--host', file)
  const [here, there] = [live, from].map(({ document }) => document?.data?.plan?.digest)
  check(
    `${name}: ${args.join(' ')} is the same plan live and from the snapshot`,
    here !== undefined && here === there,
    { live, from },
  )
}
const [live, from] = [await janusJson('bind', '--list'), await janusJson('bind', '--list', '--host', file)]
const devices = ({ document }) => JSON.stringify((document?.data?.devices ?? []).map(({ uses, ...device }) => device))
check(`${name}: bind --list shows the same devices`, devices(live) === devices(from) && devices(live).length > 1000, {
  live,
  from,
})
const uses = ({ document }) =>
  JSON.stringify((document?.data?.devices ?? []).map((device) => device.uses.map(({ kind }) => kind)))
check(`${name}: bind --list shows the same uses`, uses(live) === uses(from), { live: uses(live), from: uses(from) })

const [checked, checkedFrom] = [await janusJson('check'), await janusJson('check', '--host', file)]
const verdicts = ({ document }) =>
  document?.data?.modules?.map(({ module, findings }) => [module, findings.map(({ id, status }) => `${id} ${status}`)])
check(
  `${name}: check comes to the same verdicts`,
  JSON.stringify(verdicts(checked)) === JSON.stringify(verdicts(checkedFrom)),
  {
    live: verdicts(checked),
    from: verdicts(checkedFrom),
  },
)

value('snapshot', gzipSync(text).toString('base64'))
finish()

/** What must not leave this machine: MAC addresses, serial numbers, its name, its ids. */
function identities() {
  const found = [
    ...list('/sys/class/net').map((link) => read(`/sys/class/net/${link}/address`)),
    ...list('/sys/class/nvme').map((controller) => read(`/sys/class/nvme/${controller}/serial`)),
    ...list('/sys/block').flatMap((disk) => [read(`/sys/block/${disk}/serial`), read(`/sys/block/${disk}/wwid`)]),
    ...['product_uuid', 'product_serial', 'board_serial'].map((field) => read(`/sys/class/dmi/id/${field}`)),
    read('/etc/machine-id'),
  ]
  return [...new Set(found)].filter((one) => one.length > 4 && one !== '00:00:00:00:00:00')
}

function list(folder) {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function read(path) {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return ''
  }
}
