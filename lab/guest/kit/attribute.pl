# One system call on one attribute, and its errno: attribute.pl read PATH | attribute.pl write PATH HEX
# Perl, because a process of its own per call must be cheap, and a shell hides both the errno and the exact bytes.
use strict;
use warnings;
use Fcntl;

my ($action, $path, $hex) = @ARGV;
sub answer { my ($call, $count, $data) = @_; printf "%s %d %d %s\n", $call, $!+0, $count, unpack('H*', $data // ''); exit 0 }

$! = 0;
sysopen(my $file, $path, $action eq 'read' ? O_RDONLY : O_WRONLY) or answer('open', -1);
$! = 0;
if ($action eq 'read') {
  my ($data, $count) = ('', 0);
  while ($count = sysread($file, $data, 65536, length $data)) { }
  answer('read', $count // -1, $data);
}
my $count = syswrite($file, pack('H*', $hex // ''));
answer('write', $count // -1);
