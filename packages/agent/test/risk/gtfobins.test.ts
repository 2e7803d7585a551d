import { describe, expect, test } from 'vitest'
import type { ToolAction } from '../../src/index.js'
import { commandOf } from '../../src/risk/command-of.js'
import { computeRisk } from '../../src/risk/compute-risk.js'
import { refusedArgument } from '../../src/risk/refused-arguments.js'
import { toolEntry } from '../support/tool-entry.js'

const run = (name: string, ...args: readonly string[]): ToolAction => ({
  kind: 'tool',
  tool: name,
  args,
  kwargs: {},
  network: [],
})
const riskOf = (program: string, ...args: readonly string[]) =>
  computeRisk({ declaredRisk: 'low', actionType: 'analysis', action: run('x', ...args), rollback: null }, () =>
    toolEntry('x', [program]),
  ).level
const refused = (program: string, ...args: readonly string[]) =>
  refusedArgument(commandOf(run('x', ...args), toolEntry('x', [program])))

/** Programs that run what they are told, as collections of such programs list them: shells, interpreters, editors, compilers, package managers, wrappers. */
const RUN_ANYTHING =
  'aa-exec ansible-playbook apt apt-get ash at awk aws bash batch bpftrace bundle busctl busybox bun byebug c89 cabal capsh cargo certbot chroot chrt clisp cobc composer cpan cpulimit crash crontab csh csvtool dash dc debugfs deno distcc dmsetup dnf docker doas dotnet dpkg dstat dvips easy_install ed elvish emacs env erl ex expect facter firejail fish flock ftp g++ gawk gcc gdb gem ghc ghci gimp ginsh go grc groovy gtester guile gvim hping3 iftop ionice ipython irb ispell jjs joe jrunscript jshell julia knife ksh kubectl latex lftp logsave ltrace lua luajit lxc machinectl mail make mawk minicom mongosh msfconsole msgfilter multitime mysql nano nawk ncdu ncftp nerdctl nice nix nmap node nodejs nohup npm npx nsenter ocaml octave openvpn openvt pandoc parallel pdb perf perl pexec php pico pip pipx pnpm podman prlimit pry psql puppet pwsh pypy python python3 python3.11 R rake restic rlwrap rpm rtorrent Rscript ruby run-mailcap run-parts runcon rustc sash scheme screen script sed service setarch setpriv setsid sftp sg sh slsh socat softlimit sqlite3 sqlmap ssh sshpass start-stop-daemon stdbuf strace swipl systemctl systemd-run task taskset tclsh telnet tex time timeout tmate tmux torsocks toybox tshark unshare update-alternatives vagrant valgrind vi vim vimdiff virsh w3m watch watchexec wish xargs xdg-open xdotool yarn yash yum zathura zsh zypper zx'.split(
    ' ',
  )

describe('attack 4: a program that runs what it is told', () => {
  test.each(RUN_ANYTHING)('%s is of high risk, by name and by path', (name) => {
    expect(riskOf(name, 'x')).toBe('high')
    expect(riskOf(`/usr/local/bin/${name}`, 'x')).toBe('high')
  })

  test.each([
    ['find', '.', '-exec', 'id', ';'],
    ['find', '.', '-fprintf', 'x', 'y'],
    ['git', '-c', 'core.pager=id', 'log'],
    ['git', '--exec-path=/workspace', 'status'],
    ['tar', '-I', 'id', '-cf', 'x', 'y'],
    ['rg', '--pre', 'id', 'x'],
    ['sort', '--compress-program=id', 'x'],
    ['curl', '-K', 'x'],
    ['rsync', '-e', 'id', 'a', 'b'],
    ['man', '-P', 'id', 'ls'],
    ['split', '--filter=id', 'x'],
    ['zip', '-TT', 'id', 'x', 'y'],
    ['openssl', '-engine', './x.so'],
  ])('%s %s %s is of high risk by its option', (program, ...args) => {
    expect(riskOf(program, ...args)).toBe('high')
  })

  test('a manifest raises what is computed and lowers nothing', () => {
    const bash = toolEntry('x', ['/bin/bash', '-c'])
    const risk = (entry: ReturnType<typeof toolEntry>) =>
      computeRisk({ declaredRisk: 'low', actionType: 'analysis', action: run('x', 'a'), rollback: null }, () => entry)
    expect(risk(bash)).toMatchObject({ level: 'high' })
    const harmless = toolEntry('x', ['/usr/bin/wc'])
    expect(risk(harmless).level).toBe('low')
    const outside = { ...harmless, manifest: { ...harmless.manifest, sideEffects: 'outside' as const } }
    expect(risk(outside)).toMatchObject({ level: 'medium', reasons: [{ rule: 'side-effects' }, { rule: 'declared' }] })
    const interpreter = { ...harmless, manifest: { ...harmless.manifest, interpreter: true } }
    expect(risk(interpreter)).toMatchObject({ level: 'high', reasons: [{ rule: 'interpreter' }, { rule: 'declared' }] })
  })
})

describe('attack 5: another user’s rights, by whatever way, are refused before a person sees them', () => {
  test.each('sudo su doas pkexec sudoedit run0 runuser newgrp gosu su-exec sudo-rs ksu'.split(' '))(
    '%s: itself, by any path, and through whatever starts programs',
    (name) => {
      for (const path of [name, `/usr/bin/${name}`, `/usr//bin/${name}`, `/opt/x/${name}`]) {
        expect(refused(path, 'id')).toMatchObject({ rule: 'privileged' })
        expect(refused('env', path, 'id')).toMatchObject({ rule: 'privileged' })
        expect(refused('env', '-S', `${path} id`)).toMatchObject({ rule: 'privileged' })
        expect(refused('nice', '-n', '5', path, 'id')).toMatchObject({ rule: 'privileged' })
        expect(refused('xargs', '-I{}', path, '{}')).toMatchObject({ rule: 'privileged' })
        expect(refused('timeout', '5', path)).toMatchObject({ rule: 'privileged' })
        expect(refused('find', '.', '-exec', path, 'id', ';')).toMatchObject({ rule: 'privileged' })
        expect(refused('bash', '-c', `true && ${path} id`)).toMatchObject({ rule: 'privileged' })
        expect(refused('python3', '-c', `import os; os.system('${path} id')`)).toMatchObject({ rule: 'privileged' })
      }
      expect(refused('busybox', name)).toMatchObject({ rule: 'privileged' })
      expect(refused('rg', `--pre=/usr/bin/${name}`, 'x')).toMatchObject({ rule: 'privileged' })
      expect(refused('unheard-of', `--with=/usr/bin/${name}`)).toMatchObject({ rule: 'privileged' })
    },
  )

  test.each(["s''udo id", 's"u"do id', 's\\udo id', "'sudo' id", '$(sudo id)', '`sudo id`', 'x=1;sudo id', 'a|sudo b'])(
    'a shell is told %s',
    (line) => {
      expect(refused('bash', '-c', line)).toMatchObject({ rule: 'privileged' })
    },
  )

  test.each([
    ['sudo reboot'],
    ['/usr/bin/sudo', 'reboot'],
    ['true; sudo reboot'],
    ["cat 'x' | pkexec tee y"],
    ['env', 'sudo', 'id'],
  ])('the tool shell is given %j', (...args) => {
    const shell = { ...toolEntry('shell', []), commandLine: true }
    expect(refusedArgument(commandOf(run('shell', ...args), shell))).toMatchObject({ rule: 'privileged' })
  })

  test.each([
    ['jq', '.. | numbers'],
    ['rg', 'sudo', 'notes.txt'],
    ['rg', 'the su command', 'a/b'],
    ['rg', '(a|..)b'],
    ['wc', 'issue'],
  ])('%s %s is honest text', (program, ...args) => {
    expect(refused(program, ...args)).toBeUndefined()
  })
})
