/**
 * One program of Perl, which every Debian has, with one probe to a line. A probe answers true when it got what it should not; what it gets it reads, opens
 * or makes for itself, and leaves nothing changed. Each runs in a process of its own, because some would be killed for it.
 */
export const PROBES: Readonly<Record<string, string>> = {
  // Files of the host.
  'a file of the host that everybody may read': 'open(my $f, "<", "$bait/readable")',
  'a directory of the host that everybody may write':
    'open(my $f, ">>", "$bait/open/mine-$$") && unlink("$bait/open/mine-$$")',
  'the users of the host': 'text("/etc/passwd") =~ /^root:/m',
  'the shadow file': '-e "/etc/shadow"',
  'the machine id': '-e "/etc/machine-id" || -e "/etc/hostname"',
  'logs of the host': '-d "/var/log"',
  'the home of root': '-d "/root"',
  'sockets of services': '-d "/run"',
  'hardware of the host': '-d "/sys/kernel"',
  'cgroups of the host': '-d "/sys/fs/cgroup"',
  'devices of the host': 'grep { -e "/dev/$_" } qw(vda sda nvme0n1 kvm fuse kmsg mem net/tun loop-control)',
  'where the host mounts what': 'text("/proc/self/mountinfo") =~ m{ /(sys|boot|var)[/ ]}',
  'set-user-ID programs that work':
    'grep { m{^\\S+ \\S+ \\S+ \\S+ (/|/usr) } && !/nosuid/ } split(/\\n/, text("/proc/self/mountinfo"))',
  'a file at the root': 'open(my $f, ">", "/mine-$$") && unlink("/mine-$$")',
  'a file among the devices': 'open(my $f, ">", "/dev/mine-$$") && unlink("/dev/mine-$$")',

  // Storage without bounds.
  'shared memory as large as the machine': 'space("/dev/shm") > $large',
  'temporary files as large as the disk': 'space("/tmp") > $large',
  'a workspace as large as the disk': 'space(".") > $large',
  'as many files as there is room for': 'inodes(".") > 100_000',

  // Processes of the host.
  'processes of the host': 'my @all = glob("/proc/[0-9]*"); @all > 10',
  'the process that started it': 'text("/proc/1/comm") ne "bwrap\\n"',
  'a signal to a process of the host': 'kill(0, $victim) && named($victim)',
  'the environment of a process of the host': 'named($victim) && text("/proc/$victim/environ") =~ /JANUS_BAIT/',
  'tracing a process of the host': 'named($victim) && syscall($call{ptrace}, 0x4206, $victim, 0, 0) == 0',
  'tracing its own child':
    'my $child = child(); my $r = syscall($call{ptrace}, 0x4206, $child, 0, 0); kill(9, $child); $r == 0',
  'reading the memory of its child':
    'my $child = child(); my $b = "x" x 8; my $v = pack("P Q", $b, 8); my $w = pack("P Q", $b, 8); my $r = syscall($call{process_vm_readv}, $child, $v, 1, $w, 1, 0); kill(9, $child); $r >= 0',
  'descriptors of its child':
    'my $child = child(); my $p = syscall($call{pidfd_open}, $child, 0); my $r = syscall($call{pidfd_getfd}, $p, 1, 0); kill(9, $child); $r >= 0',
  'comparing kernel objects': 'syscall($call{kcmp}, $$, $$, 0, 0, 0) >= 0',
  'a session of somebody else': 'my $s = getsid(); $s == 0 || ($s > 2 && $s != $main)',

  // What comes with the start.
  'a variable of the agent': 'exists $ENV{JANUS_BAIT}',
  'variables of the launcher': 'exists $ENV{SHLVL} || exists $ENV{OLDPWD}',
  'a descriptor that the agent inherited': 'text("/proc/self/fd/251") =~ /bait/',
  'a descriptor besides its streams': 'grep { $_ > 2 } descriptors()',

  // Privileges.
  capabilities: 'status("CapEff") !~ /^0+$/ || status("CapPrm") !~ /^0+$/',
  'capabilities that it could get': 'status("CapBnd") !~ /^0+$/',
  'new privileges by a program': 'status("NoNewPrivs") ne "1"',
  'system calls without a filter': 'status("Seccomp") ne "2"',

  // Namespaces.
  'a user namespace by unshare': 'syscall($call{unshare}, 0x10000000) == 0',
  'a user namespace by clone':
    'my $r = syscall($call{clone}, 0x10000011, 0, 0, 0, 0); POSIX::_exit(0) if $r == 0; $r > 0',
  'mounting in a namespace of its own':
    'my ($n, $at, $type, $o) = ("none", "/tmp", "tmpfs", ""); syscall($call{unshare}, 0x10020000) == 0 && syscall($call{mount}, $n, $at, $type, 0, $o) == 0',
  'the new interface for mounts': 'my $at = "."; syscall($call{open_tree}, -100, $at, 0) >= 0',
  'the name of the host': 'use Sys::Hostname; hostname() eq $host',
  'its cgroup on the host': 'grep { !m{^\\d+:[^:]*:/$} } split(/\\n/, text("/proc/self/cgroup"))',
  'System V memory of the host': 'syscall($call{shmget}, $key, 0, 0) >= 0',
  'the message queues of the host': 'text("/proc/sysvipc/shm") =~ /^\\s*$key\\s/m',

  // The network, and sockets.
  'a TCP service of the host':
    'use IO::Socket::INET; IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $port, Timeout => 2)',
  'an abstract socket of the host':
    'use Socket; socket(S, AF_UNIX, SOCK_STREAM, 0) && connect(S, pack("S a108", 1, "\\0$abstract"))',
  'a socket file of the host':
    'use Socket; socket(S, AF_UNIX, SOCK_STREAM, 0) && connect(S, pack_sockaddr_un("$bait/socket"))',
  'the network of the host through one of its streams':
    'grep { my $name = pack("a40", "lo"); syscall($call{ioctl}, $_, 0x8913, $name) == 0 } 0 .. 2',
  'an abstract name of the host for one of its streams':
    'grep { my $name = pack("S a16", 1, "\\0janus-probe-$$-$_"); syscall($call{bind}, $_, $name, 18) == 0 } 0 .. 2',
  'a UNIX socket': 'made(1, 1)',
  'an Internet socket': 'made(2, 1)',
  'an IPv6 socket': 'made(10, 1)',
  'a netlink socket': 'made(16, 3)',
  'a socket to the hypervisor': 'made(40, 1)',

  // The kernel.
  io_uring: 'my $p = "\\0" x 120; syscall($call{io_uring_setup}, 1, $p) >= 0',
  'keys of the kernel': 'syscall($call{keyctl}, 0, -3, 1) >= 0',
  'adding a key': 'my ($t, $d, $x) = ("user", "janus-probe", "x"); syscall($call{add_key}, $t, $d, $x, 1, -2) >= 0',
  'another personality': 'syscall($call{personality}, 0xffffffff) >= 0',
  'page faults of its own': 'syscall($call{userfaultfd}, 1) >= 0',
  'file handles':
    'my $h = pack("L l", 128, 0) . ("\\0" x 128); my $m = "\\0" x 8; my $at = "/usr"; syscall($call{name_to_handle_at}, -100, $at, $h, $m, 0) >= 0',
  'notifications of a file system': 'syscall($call{fanotify_init}, 0x200, 0) >= 0',
  'segments of the processor': 'my $b = "\\0" x 64; syscall($call{modify_ldt}, 0, $b, 64) >= 0',
  'the memory policy': 'syscall($call{get_mempolicy}, 0, 0, 0, 0, 0) >= 0',
  'setting the memory policy': 'syscall($call{set_mempolicy}, 0, 0, 0) >= 0',
  'memory that is a file': 'my $n = "x"; syscall($call{memfd_create}, $n, 0) >= 0',
  'System V memory of its own':
    'my $r = syscall($call{shmget}, 0, 4096, 0600); syscall($call{shmctl}, $r, 0, 0) if $r >= 0; $r >= 0',
  'System V messages of its own':
    'my $r = syscall($call{msgget}, 0, 0600); syscall($call{msgctl}, $r, 0, 0) if $r >= 0; $r >= 0',
  'System V semaphores of its own':
    'my $r = syscall($call{semget}, 0, 1, 0600); syscall($call{semctl}, $r, 0, 0, 0) if $r >= 0; $r >= 0',
  'characters put into a terminal': 'terminal()',

  // Limits of a process.
  'processes without number': 'limit("Max processes") > 1000',
  'open files without number': 'limit("Max open files") > 1000',
  'core dumps': 'limit("Max core file size") > 0',
  'files of any size': 'limit("Max file size") > $large',
  'memory of any size': 'limit("Max data size") > $large',
  'processor time without end': 'limit("Max cpu time") > 100_000',
}

/** What the host laid out for the probes. */
export interface Bait {
  /** Directory, open to everybody. */
  readonly directory: string
  /** A process of the same user. */
  readonly victim: number
  readonly port: number
  readonly abstract: string
  readonly sharedMemoryKey: number
  readonly hostname: string
}

const LARGE = 2 * 1024 ** 3

/** The program, to be run by `perl -e`. It prints the name of each probe that won, one on a line, and then `done`. */
export function probeProgram(bait: Bait): string {
  const cases = Object.entries(PROBES).map(([name, code]) => `probe(${quoted(name)}, sub { no warnings; ${code} });`)
  return `use POSIX (); use Errno;
our ($bait, $victim, $port, $abstract, $key, $host, $large, $main) =
  (${quoted(bait.directory)}, ${bait.victim}, ${bait.port}, ${quoted(bait.abstract)}, ${bait.sharedMemoryKey}, ${quoted(bait.hostname)}, ${LARGE}, $$);
${HELPERS}
$| = 1;
${cases.join('\n')}
print "done\\n";
`
}

/** Numbers of x86_64. */
const HELPERS = `
our %call = (mount => 165, ptrace => 101, process_vm_readv => 310, pidfd_open => 434, pidfd_getfd => 438, kcmp => 312, unshare => 272, clone => 56,
  open_tree => 428, io_uring_setup => 425, keyctl => 250, add_key => 248, personality => 135, userfaultfd => 323, name_to_handle_at => 303,
  fanotify_init => 300, modify_ldt => 154, get_mempolicy => 239, set_mempolicy => 238, memfd_create => 319, shmget => 29, shmctl => 31, msgget => 68,
  msgctl => 71, semget => 64, semctl => 66, statfs => 137, getsid => 124, socket => 41, bind => 49, ioctl => 16);
sub probe {
  my ($name, $code) = @_;
  my $pid = fork();
  return print "$name: no process\\n" unless defined $pid;
  if ($pid == 0) {
    alarm(5);
    open(STDERR, ">", "/dev/null");
    my $won = eval { $code->() };
    POSIX::_exit($won ? 7 : 0);
  }
  waitpid($pid, 0);
  print "$name\\n" if ($? >> 8) == 7;
}
sub text { my ($p) = @_; open(my $f, "<", $p) or return ""; local $/; return scalar <$f> // "" }
sub child { my $p = fork(); if (defined $p && $p == 0) { sleep 3; POSIX::_exit(0) } return $p }
sub named { my ($p) = @_; open(my $f, "<", "/proc/$p/comm") or return 0; return <$f> =~ /sleep/ }
sub getsid { return syscall($call{getsid}, 0) }
sub status { my ($n) = @_; open(my $f, "<", "/proc/self/status") or return ""; for (<$f>) { return $1 if /^$n:\\s+(\\S+)/ } return "" }
sub made { my ($f, $t) = @_; return syscall($call{socket}, $f, $t, 0) >= 0 }
sub descriptors { opendir(my $d, "/proc/self/fd") or return (); return grep { /^\\d+$/ && $_ != fileno($d) } readdir($d) }
sub statfs { my ($p) = @_; my $b = "\\0" x 120; return (0) x 8 if syscall($call{statfs}, $p, $b) != 0; return unpack("q8", $b) }
sub space { my @s = statfs(@_); return $s[1] * $s[2] }
sub inodes { my @s = statfs(@_); return $s[5] }
sub limit {
  my ($n) = @_;
  open(my $f, "<", "/proc/self/limits") or return 0;
  for (<$f>) { return $1 eq "unlimited" ? 9e18 : $1 if /^\\Q$n\\E\\s+\\S+\\s+(\\S+)/ }
  return 0;
}
sub terminal {
  $SIG{HUP} = "IGNORE";
  POSIX::setsid();
  open(my $m, "+<", "/dev/ptmx") or return 0;
  my $n = pack("i", 0);
  ioctl($m, 0x40045431, $n);
  ioctl($m, 0x80045430, $n) or return 0;
  open(my $s, "+<", "/dev/pts/" . unpack("i", $n)) or return 0;
  my $x = "x";
  return ioctl($s, 0x5412, $x);
}
`

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
