/** One protection of the profile taken away, alone. */
export interface Weakening {
  readonly name: string
  /** Options of bubblewrap that are left out, by their name; `--remount-ro /` names one of several. */
  readonly without?: readonly string[]
  /** Put in their place. */
  readonly instead?: readonly string[]
  /** Limit of a process that is left out. */
  readonly unlimited?: 'processes' | 'descriptors' | 'fileSize' | 'memory' | 'cpu'
  /** Another protection that would hold by itself; both profiles that are compared are without it. */
  readonly behind?: readonly string[]
  /** Storage without bounds. */
  readonly unbounded?: 'bytes' | 'inodes'
  /** Only where the launcher is root in a user namespace of its own: elsewhere nothing is there to be taken away. */
  readonly ordinaryUserOnly?: boolean
  /** Bubblewrap refuses to start without it: it fails closed. */
  readonly failsClosed?: boolean
}

const NAMESPACES = ['--unshare-ipc', '--unshare-pid', '--unshare-net', '--unshare-uts', '--unshare-cgroup']

const allBut = (name: string): Weakening => ({
  name,
  without: ['--unshare-all'],
  instead: NAMESPACES.filter((namespace) => namespace !== name),
})

/** Every protection of the profile, each to be missed by a probe. What only shows something, such as `--ro-bind /usr /usr`, protects nothing. */
export const WEAKENINGS: readonly Weakening[] = [
  { name: '--unshare-user', without: ['--unshare-user'], failsClosed: true },
  { name: '--disable-userns', without: ['--disable-userns'], behind: ['--seccomp'] },
  // Without the namespace of the host's name `--hostname` is refused.
  { name: '--unshare-all', without: ['--unshare-all'], failsClosed: true },
  { name: '--unshare-all and --hostname', without: ['--unshare-all', '--hostname'] },
  allBut('--unshare-ipc'),
  allBut('--unshare-pid'),
  { ...allBut('--unshare-net'), behind: ['--seccomp'] },
  { ...allBut('--unshare-uts'), failsClosed: true },
  { ...allBut('--unshare-uts'), name: '--unshare-uts and --hostname', without: ['--unshare-all', '--hostname'] },
  allBut('--unshare-cgroup'),
  { name: '--new-session', without: ['--new-session'] },
  { name: '--cap-drop', without: ['--cap-drop'], ordinaryUserOnly: true },
  { name: '--clearenv', without: ['--clearenv'] },
  { name: '--hostname', without: ['--hostname'] },
  { name: '--remount-ro /dev', without: ['--remount-ro /dev'] },
  { name: '--remount-ro /', without: ['--remount-ro /'] },
  { name: '--seccomp', without: ['--seccomp'] },
  { name: 'limit of processes', unlimited: 'processes' },
  { name: 'limit of descriptors', unlimited: 'descriptors' },
  { name: 'limit of fileSize', unlimited: 'fileSize' },
  { name: 'limit of memory', unlimited: 'memory' },
  { name: 'limit of cpu', unlimited: 'cpu' },
  { name: 'storage size', unbounded: 'bytes' },
  { name: 'storage nr_inodes', unbounded: 'inodes' },
]

/** How many arguments each option of bubblewrap takes, of those that the profile has. */
const ARITY: Readonly<Record<string, number>> = {
  '--ro-bind': 2,
  '--bind': 2,
  '--ro-bind-try': 2,
  '--ro-bind-data': 2,
  '--symlink': 2,
  '--setenv': 2,
  ...Object.fromEntries(
    [
      'uid',
      'gid',
      'cap-drop',
      'hostname',
      'dir',
      'proc',
      'dev',
      'size',
      'perms',
      'tmpfs',
      'remount-ro',
      'chdir',
      'seccomp',
      'json-status-fd',
    ].map((name) => [`--${name}`, 1]),
  ),
}

/** A program that is called like bubblewrap and calls it with less. */
export function weakenedBubblewrap({ without = [], instead = [], behind = [] }: Weakening): string {
  const dropped = JSON.stringify([...without, ...behind])
  return `#!/usr/bin/perl
use strict; use POSIX ();
my %arity = (${Object.entries(ARITY)
    .map(([name, count]) => `'${name}' => ${count}`)
    .join(', ')});
my %dropped = map { $_ => 1 } @{ ${dropped} };
exec '/usr/bin/bwrap', @ARGV if $ARGV[0] eq '--version';
open(my $in, '<&=', 5) or die; local $/; my @words = split /\\0/, <$in>, -1; pop @words;
my @kept = map { "$_" } @{ ${JSON.stringify(instead)} };
while (@words) {
  my $name = shift @words;
  my @values = splice(@words, 0, $arity{$name} // 0);
  push @kept, $name, @values unless $dropped{$name} || $dropped{"$name @values"};
}
pipe(my $out, my $write) or die; syswrite($write, join('', map { "$_\\0" } @kept)); close($write);
POSIX::dup2(fileno($out), 5); close($out);
exec '/usr/bin/bwrap', @ARGV;
`
}
