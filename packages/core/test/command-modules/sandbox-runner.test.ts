import { existsSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSandboxRunner } from '../../src/command-modules/index.js'
import { createSandbox } from '../../src/sandbox/index.js'
import { addFixtures, bashText, createRun, createTree, type ModuleTree, moduleOf } from './module-tree.js'

const runner = createSandboxRunner(createSandbox())

describe.each(['source', 'subshell'] as const)('a bash module in the sandbox, in exec mode %s', (mode) => {
  let tree: ModuleTree
  beforeEach(() => {
    tree = createTree()
  })
  afterEach(() => tree.remove())

  const check = async (script: string): Promise<readonly string[]> => {
    tree.write('modules/host/subject.sh', bashText({ check: script }))
    const run = createRun()
    await (await moduleOf(tree, 'subject', { mode, runner })).check(run)
    return run.log.entries.map(({ message }) => message)
  }

  it('of the original style is checked unchanged, with the library of its tree', async () => {
    addFixtures(tree)
    const module = await moduleOf(tree, 'gpu-original', { mode, runner })
    expect(module.isolation).toBe('sandbox')
    expect(await module.check(createRun())).toMatchObject([
      { id: 'check', status: 'ok' },
      { id: 'warning-1', status: 'warn', summary: '[gpu-original] the fan is loud' },
    ])
  })

  it('sees the live machine: its devices, its kernel, its memory', async () => {
    const lines = await check(`
  [ -e /sys/kernel/mm ] && [ -d /sys/bus ] && janus_log OK sysfs
  grep -q MemTotal /proc/meminfo && janus_log OK memory
  janus_log OK "$(uname -r)"`)
    expect(lines).toEqual(['sysfs', 'memory', (await import('node:os')).release()])
  })

  it('can write nowhere but in memory of its own, also not where it lies', async () => {
    const script = `
  here="$(dirname "\${BASH_SOURCE[0]}")"
  try() { if ( "$@" ) 2>/dev/null; then janus_log WARN "$*"; fi; }
  for place in "$here" / /etc /usr /sys/kernel /dev /proc/sys/kernel /var /root; do
    try touch "$place/janus-proof"
  done
  try bash -c 'echo 1 >/sys/kernel/mm/ksm/run'
  touch /tmp/scratch && janus_log OK scratch`
    expect(await check(script)).toEqual(['scratch'])
    expect(existsSync(join(tree.root, 'modules/host/janus-proof'))).toBe(false)
    expect(existsSync('/tmp/scratch')).toBe(false)
  })

  it('reads nothing of other people and reaches nobody', async () => {
    tree.write('secret', 'of the project')
    const script = `
  here="$(dirname "\${BASH_SOURCE[0]}")"
  for file in /etc/shadow /etc/passwd- /root /var/lib /run "$here/../../secret"; do
    if ls "$file" >/dev/null 2>&1 && [ -r "$file" ]; then janus_log WARN "$file"; fi
  done
  if (exec 3<>/dev/tcp/127.0.0.1/22) 2>/dev/null; then janus_log WARN network; fi
  [ -r "$here/../../lib/janus-log.sh" ] && [ -r "$JANUS_LOG_LIBRARY" ] && janus_log OK "$(id -u) $HOME"`
    const [line, ...others] = await check(script)
    expect(others).toEqual([])
    expect(line).toMatch(/^[1-9]\d* \/home\/tool$/)
  })

  it('is not shown what a link in the place of a shared folder leads to', async () => {
    tree.write('private/secret', 'of the project')
    rmSync(join(tree.root, 'lib'), { recursive: true })
    symlinkSync('private', join(tree.root, 'lib'))
    const text = bashText({
      check: `
  here="$(dirname "\${BASH_SOURCE[0]}")"
  for file in "$here/../../lib/secret" "$here/../../private/secret"; do [ ! -r "$file" ] || janus_log WARN "$file"; done
  janus_log OK tried`,
    })
    tree.write('modules/host/subject.sh', text.replace(/^source .*$/m, 'source "$JANUS_LOG_LIBRARY"'))
    const run = createRun()
    await (await moduleOf(tree, 'subject', { mode, runner })).check(run)
    expect(run.log.entries.map(({ message }) => message)).toEqual(['tried'])
  })

  it('could do what is tried here if it were not for the sandbox', async () => {
    tree.write('secret', 'of the project')
    const script = `
  here="$(dirname "\${BASH_SOURCE[0]}")"
  touch "$here/janus-proof" && [ -r "$here/../../secret" ] && [ -r /etc/passwd- ] && ls /run >/dev/null && janus_log OK all`
    tree.write('modules/host/subject.sh', bashText({ check: script }))
    const run = createRun()
    await (await moduleOf(tree, 'subject', { mode })).check(run)
    expect(run.log.entries).toMatchObject([{ message: 'all' }])
    expect(existsSync(join(tree.root, 'modules/host/janus-proof'))).toBe(true)
  })

  it.each([
    [
      'gets an empty answer where it asks',
      '  read -r answer || true; janus_log WARN "<$answer>"; return 1',
      { summary: '<>' },
    ],
    ['may write a hundred megabytes', '  set +o pipefail; yes | head -c 100000000; return 1', { summary: 'y' }],
  ])('%s', async (_, script, finding) => {
    tree.write('modules/host/subject.sh', bashText({ check: script }))
    const findings = await (await moduleOf(tree, 'subject', { mode, runner })).check(createRun())
    expect(findings[0]).toMatchObject({ status: 'critical', ...finding })
  })

  it.each([
    ['2', 'return 2', 'ended with exit code 2'],
    ['127', 'no-such-program', 'ended with exit code 127: something it runs was not found'],
    ['a signal', 'kill -SEGV $$', 'was ended by signal SIGSEGV'],
    ['its deadline', 'sleep 300', 'did not end within 4 seconds and was ended'],
    [
      'its deadline, deaf to SIGTERM and with children elsewhere',
      'trap "" TERM; setsid sleep 300 & sleep 300; sleep 300',
      'did not end within 4 seconds',
    ],
  ])('a check that ends with %s is a failure of the module', async (_, script, how) => {
    tree.write('modules/host/subject.sh', bashText({ check: `  ${script}` }))
    const module = await moduleOf(tree, 'subject', { mode, runner, deadlines: { question: 4_000 } })
    await expect(module.check(createRun())).rejects.toMatchObject({
      code: 'JANUS_MODULE_CRASHED',
      message: expect.stringContaining(how),
    })
  })

  it('is not held up by what it leaves behind, which ends with it', async () => {
    const [line] = await check('  sleep 311 & setsid sleep 311 & janus_log OK left')
    expect(line).toBe('left')
  })
})
