import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runProgram } from '../../../../scripts/run-program.js'
import { openTerminal, type Terminal } from './terminal.js'

// The real shells, and the packages as `npm ci` or `npm test` built them.
const PACKAGE = fileURLToPath(new URL('../..', import.meta.url))
const SNAPSHOT = fileURLToPath(new URL('../../../../examples/snapshots/lab.snapshot.json', import.meta.url))
const SHELLS = ['bash', 'zsh', 'fish'] as const
type Shell = (typeof SHELLS)[number]

/** Names that run a program where they are put on a line as they are. */
const HOSTILE = ['$(touch OBEYED)', '`touch OBEYED`', ';touch OBEYED', '"$(touch OBEYED)"', "';touch OBEYED;'"]

let folder: string
const terminals: Terminal[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-completion-'))
  for (const name of ['bin', 'here', 'home']) await mkdir(join(folder, name))
})
afterEach(async () => {
  for (const terminal of terminals.splice(0)) await terminal.end()
  await rm(folder, { recursive: true, force: true })
})

describe.each(SHELLS)('%s', (shell) => {
  test('completes commands, options and the devices of a captured machine', async () => {
    await installJanus()
    expect(await completions(shell, 'janus profile sh')).toContain('show')
    expect(await completions(shell, 'janus bind --dev')).toContain('--device')
    const devices = await completions(shell, `janus bind --host ${SNAPSHOT} --device 0000:03:00.`)
    // Of words with colons bash shows the part behind the last one.
    const first = shell === 'bash' ? '' : '0000:03:'
    expect(devices).toContain(`${first}00.0`)
    expect(devices).toContain(`${first}00.1`)
    expect(devices).not.toContain('1234:11e8')
    if (shell !== 'bash') expect(devices).toContain('Display controller [1234:1111], bochs-drm')
  })

  test('completes options of modules, their values, and what a package of ours adds', async () => {
    await installJanus()
    expect(await completions(shell, 'janus check cpu-hugepages -o transp')).toContain('transparent=')
    const values = await completions(shell, 'janus check cpu-hugepages -o transparent=')
    for (const value of ['always', 'madvise', 'never']) expect(values).toContain(value)
    expect(await completions(shell, 'janus agent mode sign ')).toContain('omega')
  })

  test('completes what is run by sudo', async () => {
    await installJanus()
    // Each shell has a completion of its own for sudo, which asks for that of the command behind it.
    await installProgram('sudo', 'exec "$@"')
    expect(await completions(shell, 'sudo janus profile sh', OF_SUDO[shell])).toContain('show')
    expect(await completions(shell, 'sudo -n janus bind --dev', OF_SUDO[shell])).toContain('--device')
    const line = `sudo janus bind --host ${SNAPSHOT} --device 0000:03:00.`
    const device = await completions(shell, line, OF_SUDO[shell])
    expect(device).toContain(shell === 'bash' ? '00.1' : '0000:03:00.1')
  })

  test('hands over the words as janus reads them, the one at the cursor as far as it goes', async () => {
    await installStub('')
    await completions(shell, 'janus --json bind --device=0000:03:0')
    expect(await asked()).toEqual(['__complete', '--', '--json', 'bind', '--device=0000:03:0'])
    await completions(shell, 'janus bind ')
    expect(await asked()).toEqual(['__complete', '--', 'bind', ''])
  })

  test('completes paths where they are asked for, also behind an option and an equals sign', async () => {
    await mkdir(join(folder, 'here/plans'))
    for (const name of ['plan.json', 'plan.txt']) await writeFile(join(folder, 'here', name), '')
    await installStub(':files\t\tjson\n')
    const plans = await completions(shell, 'janus apply pla')
    expect(plans).toContain('plan.json')
    expect(plans).toContain('plans')
    expect(plans).not.toContain('plan.txt')
    await installStub(':files\t\tyaml,json\n')
    expect(await completions(shell, 'janus profile show plan.j')).toContain('plan.json')
    await installStub(':files\t--out=\t\n')
    expect(await completions(shell, 'janus plan x --out=plan.t')).toContain('plan.txt')
    await installStub(':directories\t\t\n')
    expect(await completions(shell, 'janus module add pl')).not.toContain('plan.json')
  })

  test('evaluates nothing of an answer', async () => {
    // A suffix is no pattern: one could choose files by a program.
    const files = ['plan.jn', 'plan.json']
    for (const name of files) await writeFile(join(folder, 'here', name), '')
    const meanings = ['%F{red}%{$(touch OBEYED)%}', '$(touch OBEYED)', '`touch OBEYED`:\\x', '*(e:touch OBEYED:)']
    const lines = HOSTILE.flatMap((word) => meanings.map((meaning) => `${word}\t${meaning}\nok${word}\t${meaning}\n`))
    await installStub(`${lines.join('')}:files\t$(touch OBEYED)\t$(touch OBEYED),*(e:'touch OBEYED':)\n`)
    await completions(shell, 'janus module show ')
    await completions(shell, 'janus module show ok')
    await installStub(':files\t\tj*n\n')
    expect(await completions(shell, 'janus apply pl')).not.toContain('plan.json')
    expect(await readdir(join(folder, 'here'))).toEqual(files)
    expect(await asked()).toContain('__complete')
  })

  test('puts no error between the words of a line', async () => {
    await installStub('', 'echo broken >&2; exit 3')
    expect(await completions(shell, 'janus bind ')).not.toContain('broken')
  })
})

describe('a word that a shell would obey', () => {
  test.each(['bash', 'zsh'] as const)('is put on the line of %s so that entering it does nothing', async (shell) => {
    // A shell looks once for what there is to run.
    await installStub('')
    const terminal = await start(shell)
    for (const word of HOSTILE) {
      await installStub(`ok${word}\tmeaning\n`)
      terminal.type('janus module show o\t\n\u0015echo "that is" all\n')
      await terminal.until(/that is all/)
      expect((await asked()).slice(0, 2)).toEqual(['module', 'show'])
    }
    expect(await readdir(join(folder, 'here'))).toEqual([])
  })
})

describe('a profile in a file with a hostile name', () => {
  test.each(SHELLS)('is not run by %s when its command line is entered', async (shell) => {
    await installJanus()
    const profiles = join(folder, 'home/.config/janus/profiles')
    await mkdir(profiles, { recursive: true })
    const names = ['$(touch OBEYED)', 'a;touch OBEYED;', 'plain']
    for (const name of names) await writeFile(join(profiles, `${name}.json`), '{}')
    await writeFile(join(folder, 'here/p;touch OBEYED;.yaml'), '')
    if (shell === 'fish') {
      const offered = await completions(shell, 'janus profile show ')
      expect(offered).toContain('plain')
      expect(offered).not.toContain('$(')
      return
    }
    const terminal = await start(shell)
    terminal.type('janus profile show p\t\t')
    await terminal.until(/plain/)
    terminal.type('\u0015janus profile show p;\t\u0015janus profile show \\$\t\n')
    await terminal.until(/JANUS_|error/)
    expect(await readdir(join(folder, 'here'))).toEqual(['p;touch OBEYED;.yaml'])
  })
})

/** What the shell shows for a line when the tabulator key is pressed; fish is asked what it would show. */
async function completions(shell: Shell, line: string, further = ''): Promise<string> {
  if (shell === 'fish') {
    const program = `${further}source '${scriptOf(shell)}'; complete -C ${JSON.stringify(line)}`
    const { output } = await runProgram('fish', ['--no-config', '-c', program], settings())
    return output
  }
  const terminal = await start(shell, further)
  terminal.type(`${line}\t\t\u0001echo "that is" all #\n`)
  return (await terminal.until(/that is all/)).replaceAll('\u0007', '')
}

async function start(shell: Exclude<Shell, 'fish'>, further = ''): Promise<Terminal> {
  const terminal = openTerminal(COMMANDS[shell], settings())
  terminals.push(terminal)
  terminal.type(`${SETUP[shell]}${further}source '${scriptOf(shell)}'; PS1=; echo "set" up\n`)
  await terminal.until(/set up/)
  return terminal
}

function settings(): { readonly cwd: string; readonly env: Readonly<Record<string, string>> } {
  const path = `${join(folder, 'bin')}:${process.env.PATH ?? ''}`
  return { cwd: join(folder, 'here'), env: { PATH: path, HOME: join(folder, 'home'), HISTFILE: '', TERM: 'dumb' } }
}

function scriptOf(shell: Shell): string {
  return join(PACKAGE, `completion/janus.${shell}`)
}

const COMMANDS = { bash: ['bash', '--norc', '--noprofile', '-i'], zsh: ['zsh', '-f', '-i'] } as const

const SETUP = {
  bash: ['bell-style none', 'show-all-if-ambiguous on', 'page-completions off', 'completion-query-items 0']
    .map((variable) => `bind 'set ${variable}'; `)
    .join(''),
  zsh: 'autoload -Uz compinit; compinit -D -u; unsetopt beep; setopt interactive_comments; LISTMAX=0; ',
} as const

/** What a configured shell has loaded, by which it completes sudo. */
const OF_SUDO = {
  bash: 'source /usr/share/bash-completion/bash_completion; ',
  zsh: '',
  fish: 'set fish_complete_path $__fish_data_dir/completions; ',
} as const

async function installJanus(): Promise<void> {
  await installProgram('janus', `exec '${process.execPath}' '${join(PACKAGE, 'bin/janus.js')}' "$@"`)
}

/** A program that writes down what it is asked and gives this answer. */
async function installStub(answer: string, further = ''): Promise<void> {
  await writeFile(join(folder, 'answer'), answer)
  await installProgram('janus', `printf '%s\\n' "$@" >'${folder}/asked'; cat '${folder}/answer'; ${further}`)
}

async function installProgram(name: string, body: string): Promise<void> {
  await writeFile(join(folder, 'bin', name), `#!/bin/sh\n${body}\n`)
  await chmod(join(folder, 'bin', name), 0o755)
}

async function asked(): Promise<readonly string[]> {
  return (await readFile(join(folder, 'asked'), 'utf8')).slice(0, -1).split('\n')
}
