import { loadScenario, runScenario, type ScenarioProgress, scenarioNames } from './run-scenario.js'

const usage =
  "npm run lab -- <scenario>… | --list | --all\nThe kernel is apt's; JANUS_LAB_KERNEL=6.12 takes another series.\n"

async function main(args: readonly string[]): Promise<number> {
  const unknown = args.find((arg) => arg.startsWith('-') && !['--list', '--all'].includes(arg))
  if (unknown || args.length === 0) {
    process.stderr.write(usage)
    return 1
  }
  if (args.includes('--list')) return list()
  const names = await scenarioNames()
  if (args.includes('--all')) return runAll(names)
  const absent = args.find((arg) => !names.includes(arg))
  if (absent === undefined) return runAll(args)
  process.stderr.write(`there is no scenario "${absent}"; there are: ${names.join(', ')}\n`)
  return 1
}

async function list(): Promise<number> {
  for (const name of await scenarioNames()) {
    const { summary, smoke } = await loadScenario(name)
    process.stdout.write(`${name.padEnd(20)} ${smoke ? 'smoke' : '     '}  ${summary}\n`)
  }
  return 0
}

async function runAll(names: readonly string[]): Promise<number> {
  let failed = 0
  for (const name of names) {
    process.stdout.write(`\n${name}\n`)
    const { checks, boots, seconds } = await runScenario(name, print)
    const bad = checks.filter(({ ok }) => !ok).length
    failed += bad
    const kernels = [...new Set(boots.map(({ kernel }) => kernel.release))].join(', ')
    const times = boots.map((boot) => `${boot.seconds.toFixed(1)} s`).join(' + ')
    const booted = boots.length === 0 ? 'nothing was booted' : `${kernels}; boots ${times}`
    process.stdout.write(`  ${checks.length - bad} passed, ${bad} failed; ${booted}; ${seconds.toFixed(1)} s\n`)
  }
  return failed === 0 ? 0 : 1
}

const print: ScenarioProgress = (record) => {
  switch (record.type) {
    case 'check':
      process.stdout.write(`  ${record.ok ? 'ok  ' : 'FAIL'} ${record.title}\n`)
      if (!record.ok && record.detail !== undefined) process.stdout.write(indented(record.detail))
      return
    case 'note':
      process.stdout.write(`       ${record.text}\n`)
      return
    case 'marker':
      process.stdout.write(`  ···· ${record.name}\n`)
      return
    case 'started':
      process.stdout.write(`       guest is up after ${record.uptimeSeconds.toFixed(1)} s of its own time\n`)
      return
    case 'exit':
  }
}

function indented(detail: unknown): string {
  const text = typeof detail === 'string' ? detail : JSON.stringify(detail, null, 2)
  return `${text.replace(/^/gm, '       | ')}\n`
}

process.exitCode = await main(process.argv.slice(2))
