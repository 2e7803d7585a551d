import { basename } from 'node:path'

/** Programs that run whatever text they are given: their argument is a program. */
const INTERPRETERS = new Set(
  'ash awk bash bc bconsole bpftrace bun busybox byebug c89 c99 clisp cobc cpp crash csh csvtool dash dc debugfs deno dmsetup dotnet easy_install ed elvish emacs erl escript ex expect facter fish g++ gawk gcc gdb ghc ghci gimp ginsh go groovy guile gvim ipython irb java jjs joe jruby jrunscript jshell julia knife ksh ksshell latex latexmk lua luajit lualatex luatex m4 make mawk mksh mongo mongosh msfconsole mysql nano nawk nix node nodejs ocaml octave pandoc pdb pdflatex pdftex perl pg php pico posh pry psql pwsh pypy python R rake rc Rscript ruby rustc rview rvim sash scanmem scheme screen sed sh slsh sqlite3 swipl tasksh tclsh tex tmux toybox ts-node vi view vim vimdiff vlc volatility wish xdotool xelatex xetex yash zsh zx'.split(
    ' ',
  ),
)

/** Programs that start another one, named in their arguments. */
const STARTERS = new Set(
  'aa-exec ansible ansible-playbook ansible-test apt apt-get aptitude at aws bashbug batcat batch bundle bundler busctl bwrap cabal capsh cargo certbot check_by_ssh chef-client choom chpst chroot chrt composer cpan cpulimit crontab dbus-send distcc dnf doas docker dpkg dstat dvips eb entr env exiftool firejail flock ftp gcloud gem genie grc gtester hping3 iftop ionice ispell kubectl latexindent ld.so lftp logsave ltrace lxc lxc-attach machinectl mail minicom msgfilter multitime ncdu ncftp neofetch nerdctl nice nmap nohup npm npx nroff nsenter openvpn openvt parallel perf perlbug pexec pidstat pip pip3 pipx pnpm podman prlimit psftp puppet restic rlwrap rpm rpmdb rpmquery rtorrent run-mailcap run-parts runcon runscript salt-call script scrot service setarch setpriv setsid setuidgid sftp sg socat softlimit sqlmap ssh ssh-agent ssh-keygen sshpass start-stop-daemon stdbuf strace systemctl systemd-run task taskset telnet time timeout tmate tmpreaper torify torsocks troff tshark unshare update-alternatives vagrant valgrind virsh w3m watch watchexec wezterm xargs xdg-open yarn yum zathura zypper'.split(
    ' ',
  ),
)

/** Programs that give the caller another user's rights. */
const PRIVILEGED = new Set(
  'beesu calife doas dzdo gksu gksudo gosu kdesu kdesudo ksu newgrp pfexec pkexec please run0 runuser su su-exec su-rs sudo sudo-rs sudo.ws sudoedit super sux'.split(
    ' ',
  ),
)

/** Options through which a program that is otherwise harmless starts another one, or writes where it is told. */
const STARTING_OPTIONS: Readonly<Record<string, RegExp>> = {
  bundle: /^(exec|open)$/,
  curl: /^(-K|--config|--engine)/,
  fd: /^(-x|-X|--exec|--exec-batch)/,
  find: /^-(exec|execdir|ok|okdir|fprintf?|fls|delete)$/,
  git: /^(status$|blame$|-c|--config-env|--exec-path|--upload-pack|--receive-pack|-u|-p|--paginate|--ext-diff|--textconv|--open-files-in-pager|-O|bisect|rebase|filter-branch|difftool|mergetool|submodule|config)/,
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
