// Compares what Janus says about the machine with what lspci, lsmod and lscpu say.
import { createLiveHost, readCpu, readKernelModules } from '@janus/core'
import { check, finish, janusJson, run } from './kit.mjs'

await devicesAgree()
await modulesAgree()
await processorsAgree()
finish()

async function devicesAgree() {
  const listed = await janusJson('bind', '--list')
  const devices = listed.document?.data?.devices ?? []
  const expected = parseLspci((await tool('lspci', '-Dnnk')).stdout)
  const addresses = (list) => list.map(({ address }) => address).sort()
  check('the same functions as lspci', same(addresses(devices), addresses(expected)), { devices, expected })
  for (const function_ of expected) {
    const device = devices.find(({ address }) => address === function_.address)
    const subsystem = device?.subsystemVendor && `${device.subsystemVendor}:${device.subsystemDevice}`
    const ours = {
      address: device?.address,
      class: device?.class.slice(0, 4),
      id: `${device?.vendor}:${device?.device}`,
      driver: device?.driver,
      // lspci says nothing about a revision 00, nor about a subsystem that is not there.
      revision: function_.revision && device?.revision,
      subsystem: function_.subsystem && subsystem,
    }
    check(`${function_.address} agrees with lspci`, same(ours, function_), { ours, lspci: function_ })
  }
}

/** `0000:01:00.0 Ethernet controller [0200]: Intel Corporation 82574L [8086:10d3] (rev 03)`, then indented lines. */
function parseLspci(text) {
  return text.split(/\n(?=\S)/).map((block) => {
    const [first = '', ...lines] = block.split('\n')
    const detail = (name) =>
      lines
        .find((line) => line.trim().startsWith(`${name}:`))
        ?.split(`${name}:`)[1]
        ?.trim()
    return {
      address: first.split(' ', 1)[0],
      class: /\[([0-9a-f]{4})\]:/.exec(first)?.[1],
      id: /.*\[([0-9a-f]{4}:[0-9a-f]{4})\]/.exec(first)?.[1],
      driver: detail('Kernel driver in use'),
      revision: /\(rev ([0-9a-f]{2})\)/.exec(first)?.[1],
      subsystem: /.*\[([0-9a-f]{4}:[0-9a-f]{4})\]/.exec(detail('Subsystem') ?? '')?.[1],
    }
  })
}

async function modulesAgree() {
  const listed = (await tool('lsmod')).stdout.trim().split('\n').slice(1)
  const modules = await readKernelModules(createLiveHost())
  check('lsmod lists modules', listed.length > 5, listed)
  for (const line of listed) {
    const [name, , users] = line.split(/\s+/)
    const ours = { state: modules.state(name), users: modules.referenceCount(name) }
    check(`${name} agrees with lsmod`, same(ours, { state: 'loaded', users: Number(users) }), { ours, line })
  }
  const states = Object.fromEntries(
    ['vfio_pci', 'vfio-pci', 'no-such-module', 'pcieport'].map((name) => [name, modules.state(name)]),
  )
  const expected = { vfio_pci: 'available', 'vfio-pci': 'available', 'no-such-module': 'missing', pcieport: 'missing' }
  check('what lsmod does not list is not loaded', same(states, expected), states)

  const { document } = await janusJson('check')
  const findings = (document?.data?.modules ?? []).flatMap((module) => module.findings)
  const loaded = (name) => listed.some((line) => line.startsWith(`${name} `))
  for (const name of ['kvm', 'vfio', 'vfio_pci']) {
    const finding = findings.find(({ id }) => id === `kernel-module-${name.replaceAll('_', '-')}`)
    check(
      `check says of ${name} what lsmod says`,
      finding !== undefined && (finding.status === 'ok') === loaded(name),
      finding,
    )
  }
}

async function processorsAgree() {
  const { lscpu } = JSON.parse((await tool('lscpu', '-J')).stdout)
  const fields = new Map(flatten(lscpu).map(({ field, data }) => [field.replace(/:$/, ''), data]))
  const cpu = await readCpu(createLiveHost())
  const vendor = fields.get('Vendor ID')
  check('the vendor agrees with lscpu', cpu.vendor === vendor, { ours: cpu.vendor, lscpu: vendor })
  check('the model agrees with lscpu', cpu.model === fields.get('Model name'), [cpu.model, fields.get('Model name')])
  const online = parseList(fields.get('On-line CPU(s) list'))
  check('the processors agree with lscpu', same(cpu.online, online), { ours: cpu.online, lscpu: online })
  check('their number agrees with lscpu', cpu.online?.length === Number(fields.get('CPU(s)')), fields.get('CPU(s)'))
  const nodes = Number(fields.get('NUMA node(s)'))
  check('the number of nodes agrees with lscpu', cpu.nodes?.length === nodes, { ours: cpu.nodes, lscpu: nodes })
  const flags = fields.get('Flags')?.split(' ').sort()
  check('the flags agree with lscpu', same([...cpu.flags].sort(), flags), { ours: [...cpu.flags], lscpu: flags })
  const words = { vmx: 'VT-x', svm: 'AMD-V' }[cpu.virtualization]
  check('virtualization agrees with lscpu', words === fields.get('Virtualization'), [
    words,
    fields.get('Virtualization'),
  ])

  const { document } = await janusJson('check', 'cpu-virtualization')
  const finding = document?.data?.modules?.[0]?.findings?.find(({ id }) => id === 'virtualization-extension')
  check(
    'check says of virtualization what lscpu says',
    (finding?.status === 'ok') === fields.has('Virtualization'),
    finding,
  )
}

function flatten(fields) {
  return fields.flatMap((field) => [field, ...flatten(field.children ?? [])])
}

function parseList(text = '') {
  return text.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, index) => first + index)
  })
}

async function tool(command, ...args) {
  const answer = await run(command, args)
  check(`${command} answers`, answer.exitCode === 0 && answer.stdout !== '', answer)
  return answer
}

// By content, whatever the order of the members and without those that are undefined.
function same(left, right) {
  const normal = (value) =>
    JSON.stringify(value, (_, one) =>
      typeof one === 'object' && one !== null && !Array.isArray(one)
        ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
        : one,
    )
  return normal(left) === normal(right)
}
