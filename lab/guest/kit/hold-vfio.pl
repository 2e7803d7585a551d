# Opens a VFIO group, and with an address also the device in it, and holds both until standard input ends. With
# "alone" it closes the group and the container again: the device's own descriptor, which has no path, is all it keeps.
# hold-vfio.pl GROUP [ADDRESS [alone]]; prints one line, "held" or "failed STEP ERRNO".
use strict;
use warnings;
use Fcntl;

my ($number, $address, $alone) = @ARGV;
sub failed { printf "failed %s %d\n", $_[0], $!+0; exit 1 }

$| = 1;
sysopen(my $container, '/dev/vfio/vfio', O_RDWR) or failed('container');
sysopen(my $group, "/dev/vfio/$number", O_RDWR) or failed('group');
if (defined $address) {
  my $status = pack('LL', 8, 0);
  ioctl($group, 0x3b67, $status) or failed('status');
  $! = 0;
  (unpack('LL', $status))[1] & 1 or failed('viable');
  my $descriptor = pack('i', fileno($container));
  ioctl($group, 0x3b68, $descriptor) or failed('set-container');
  my $type1 = 1;
  ioctl($container, 0x3b66, $type1) or failed('set-iommu');
  my $name = "$address\0";
  ioctl($group, 0x3b6a, $name) or failed('device');
}
if (defined $alone) {
  close($group);
  close($container);
}
print "held\n";
1 while sysread(STDIN, my $ignored, 4096);
