import type { RunEnding } from '../../../src/index.js'

/** A program that wants more than it may have, or does not want to end. */
export interface Bomb {
  readonly name: string
  readonly program: string
  readonly argv: readonly string[]
  /** How it ends where the memory of all its processes is bounded, and where it is not. */
  readonly ends: RunEnding
  readonly endsWithoutCgroups?: RunEnding
  /** What it must have said. */
  readonly says?: RegExp
  /** Seconds that it is given; a bomb that ends by itself has enough. */
  readonly wallSeconds: number
  readonly cpuSeconds?: number
}

const perl = (code: string): Pick<Bomb, 'program' | 'argv'> => ({ program: '/usr/bin/perl', argv: ['-e', code] })
const bash = (code: string): Pick<Bomb, 'program' | 'argv'> => ({ program: '/bin/bash', argv: ['-c', code] })

const SHORT = 2
const ENOUGH = 60

/** Attacks 19 to 21 and 31 of the guide, and what came to mind besides. */
export const BOMBS: readonly Bomb[] = [
  {
    name: 'attack 19: a fork bomb',
    ...bash(':(){ :|:& };:; while :; do sleep 1; done'),
    ends: 'timeout',
    wallSeconds: SHORT,
  },
  {
    name: 'attack 19: a fork bomb that never stops trying',
    ...perl('$SIG{TERM} = "IGNORE"; while (1) { fork() }'),
    ends: 'timeout',
    wallSeconds: SHORT,
  },
  {
    name: 'attack 20: a memory bomb by malloc, in one process',
    ...perl('my @all; push @all, "x" x (8 << 20) while 1'),
    // The limit of the process comes first, and the program says so itself.
    ends: 'exited',
    says: /Out of memory/,
    wallSeconds: ENOUGH,
  },
  {
    name: 'attack 20: a memory bomb by malloc, in many processes',
    ...perl('for (1 .. 6) { if (fork() == 0) { my $x = "x" x (50 << 20); sleep 600 } } wait for 1 .. 6; exit 3'),
    ends: 'out-of-memory',
    endsWithoutCgroups: 'timeout',
    wallSeconds: 5,
  },
  {
    name: 'attack 20: a memory bomb by System V shared memory',
    ...perl('exit(syscall(29, 0, 1 << 30, 0600) >= 0 ? 0 : 9)'),
    ends: 'exited',
    wallSeconds: ENOUGH,
  },
  {
    name: 'attack 20: a memory bomb by memfd_create',
    ...perl('my $n = "x"; exit(syscall(319, $n, 0) >= 0 ? 0 : 9)'),
    ends: 'exited',
    wallSeconds: ENOUGH,
  },
  {
    name: 'attack 20: a memory bomb by /dev/shm',
    ...bash('for n in 1 2 3; do head -c 15M /dev/zero >/dev/shm/$n || exit 9; done'),
    ends: 'exited',
    says: /No space left/,
    wallSeconds: ENOUGH,
  },
  {
    name: 'attack 20: a memory bomb by /tmp',
    ...bash('for n in 1 2 3; do head -c 15M /dev/zero >/tmp/$n || exit 9; done'),
    ends: 'exited',
    says: /No space left/,
    wallSeconds: ENOUGH,
  },
  {
    name: 'attack 20: a memory bomb by its workspace',
    ...bash('for n in 1 2 3; do head -c 15M /dev/zero >$n || exit 9; done'),
    ends: 'exited',
    says: /No space left/,
    wallSeconds: ENOUGH,
  },
  {
    name: 'attack 20: a memory bomb by one large file',
    ...perl('open(my $f, ">", "f"); my $x = "x" x (1 << 20); syswrite($f, $x) while 1'),
    ends: 'signalled',
    wallSeconds: ENOUGH,
  },
  {
    name: 'attack 20: a memory bomb by pipes',
    ...perl(
      'my @all; while (pipe(my $r, my $w)) { push @all, $r, $w; $w->blocking(0); syswrite($w, "x" x (1 << 20)) } exit 9',
    ),
    ends: 'exited',
    wallSeconds: ENOUGH,
  },
  {
    name: 'attack 31: an inode bomb',
    ...perl('for (my $n = 0; ; $n++) { open(my $f, ">", "f$n") or exit 9 }'),
    ends: 'exited',
    wallSeconds: ENOUGH,
  },
  {
    name: 'attack 31: an inode bomb of directories in each other',
    ...perl('while (1) { mkdir("d") or exit 9; chdir("d") or exit 9 }'),
    ends: 'exited',
    wallSeconds: ENOUGH,
  },
  { name: 'attack 22: an output flood', program: '/usr/bin/yes', argv: [], ends: 'output-limit', wallSeconds: ENOUGH },
  {
    name: 'attack 22: an output flood of zeros to stderr',
    ...bash('cat /dev/zero >&2'),
    ends: 'output-limit',
    wallSeconds: ENOUGH,
  },
  {
    name: 'attack 21: a CPU spin',
    ...bash('while :; do :; done'),
    ends: 'cpu-limit',
    wallSeconds: ENOUGH,
    cpuSeconds: 1,
  },
  {
    name: 'attack 21: a sleep for ever',
    program: '/usr/bin/sleep',
    argv: ['infinity'],
    ends: 'timeout',
    wallSeconds: SHORT,
  },
  {
    name: 'attack 21: a child that ignores SIGTERM',
    ...bash('trap "" TERM; (trap "" TERM; while :; do sleep 60; done) & while :; do sleep 60; done'),
    ends: 'timeout',
    wallSeconds: SHORT,
  },
  {
    name: 'attack 21: a child with a session of its own',
    ...bash('setsid bash -c "trap \\"\\" TERM HUP; while :; do sleep 60; done" & while :; do sleep 60; done'),
    ends: 'timeout',
    wallSeconds: SHORT,
  },
  {
    name: 'attack 21: a daemon that forked twice',
    ...perl(
      'use POSIX (); if (fork() == 0) { POSIX::setsid(); if (fork() == 0) { $SIG{TERM} = $SIG{HUP} = "IGNORE"; sleep 600 } exit 0 } wait; exit 9',
    ),
    ends: 'exited',
    wallSeconds: ENOUGH,
  },
  { name: 'attack 21: a program that stopped itself', ...bash('kill -STOP $$'), ends: 'timeout', wallSeconds: SHORT },
]
