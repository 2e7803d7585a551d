import { basename } from 'node:path'

/** Programs that run whatever text they are given: their argument is a program. */
const INTERPRETERS = new Set(
  'ash awk bash bun busybox bc cpp csh dash dc deno ed emacs ex expect fish gawk gcc gdb gimp irb java jjs jrunscript jshell julia ksh lua luajit make mawk mksh mysql nano nawk nix node nodejs octave ocaml perl php pico psql pwsh python R Rscript rake ruby scheme screen sed sh sqlite3 tclsh tmux toybox vi view vim vimdiff xdotool yash zsh'.split(
    ' ',
  ),
)

/** Programs that start another one, named in their arguments. */
const STARTERS = new Set(
  'ansible-playbook at batch bwrap capsh chroot chrt cpulimit crontab dbus-send docker doas env firejail flock gtester hping3 ionice kubectl lxc ltrace logsave nice nohup nsenter parallel pidstat podman prlimit run-parts rlwrap runcon script setarch setsid sg softlimit ssh ssh-agent sshpass start-stop-daemon stdbuf strace systemd-run taskset task time timeout tmate unshare valgrind watch xargs'.split(
    ' ',
  ),
)

/** Programs that give the caller another user's rights. */
const PRIVILEGED = new Set('sudo sudoedit su doas pkexec run0 runuser newgrp'.split(' '))

/** Options through which a program that is otherwise harmless starts another one, or writes where it is told. */
const STARTING_OPTIONS: Readonly<Record<string, RegExp>> = {
  bundle: /^(exec|open)$/,
  curl: /^(-K|--config|--engine)/,
  fd: /^(-x|-X|--exec|--exec-batch)/,
  find: /^-(exec|execdir|ok|okdir|fprintf?|fls|delete)$/,
  git: /^(-c|--config-env|--exec-path|--upload-pack|--receive-pack|-u|-p|--paginate|--ext-diff|--textconv|--open-files-in-pager|-O|bisect|rebase|filter-branch|difftool|mergetool|submodule|config)/,
  jq: /^(-L|--library-path)$/,
  less: /^(-k|--lesskey|-o|-O)/,
  man: /^(-P|--pager|-H|--html|-X)/,
  openssl: /^-engine$/,
  rg: /^--pre(=|$)|^--hostname-bin/,
  rsync: /^(-e|--rsh|--rsync-path)/,
  scp: /^(-S|-o)/,
  sort: /^(--compress-program|-o|--output)/,
  split: /^--filter/,
  ssh: /^-o/,
  tar: /^(-I|-F|--to-command|--use-compress-program|--checkpoint-action|--info-script|--new-volume-script|--rmt-command|--rsh-command)/,
  tcpdump: /^(-z|-Z)/,
  wget: /^(--use-askpass|-e|--execute|-i|--input-file|--post-file)/,
  zip: /^(-TT|--unzip-command)/,
}

/** The name of a program without its place and version: `python3.11` and `/usr/bin/python` are `python`. */
export function programName(word: string): string {
  return basename(word).replace(/(\d+(\.\d+)*)$/, '') || basename(word)
}

/** True for a program whose arguments are a program. */
export function isInterpreter(word: string): boolean {
  return INTERPRETERS.has(programName(word)) || INTERPRETERS.has(basename(word))
}

/** True for a program that starts what its arguments name. */
export function isStarter(word: string): boolean {
  return STARTERS.has(programName(word)) || STARTERS.has(basename(word))
}

/** True for a program that gives another user's rights. */
export function isPrivileged(word: string): boolean {
  return PRIVILEGED.has(basename(word))
}

/** The first argument through which a program starts another one. */
export function startingArgument(program: string, args: readonly string[]): string | undefined {
  const pattern = STARTING_OPTIONS[programName(program)]
  return pattern === undefined ? undefined : args.find((argument) => pattern.test(argument))
}
