#!/bin/busybox sh
# First program of the guest, in the initramfs: makes the host's root visible, read-only below a writable layer in memory,
# and hands over to `supervise` as process 1 there.
export PATH=/bin
busybox mkdir -p /proc /sys /dev /host /layer /root
busybox mount -t proc proc /proc
busybox --install -s /bin
fail() {
  echo "janus-lab: $*" >/dev/console
  poweroff -f
}

mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
for module in $(cat /modules/order); do
  insmod "/modules/$module" || fail "cannot load $module"
done

for word in $(cat /proc/cmdline); do
  case $word in janus_lab=*) job=${word#janus_lab=} ;; esac
done
mount -t 9p -o trans=virtio,version=9p2000.L,msize=1048576,cache=loose,ro hostroot /host || fail 'no host root'
mount -t tmpfs -o size=60% layer /layer
mkdir -p /layer/root /layer/root.work /layer/modules /layer/modules.work
# Packages that the host does not have lie in a file system of their own.
lower=/host
if [ -e "/host$job/packages" ]; then
  mkdir -p /packages
  mount -t 9p -o trans=virtio,version=9p2000.L,msize=1048576,cache=loose,ro layer /packages || fail 'no packages'
  lower=/packages:/host
fi
mount -t overlay -o lowerdir=$lower,upperdir=/layer/root,workdir=/layer/root.work root /root || fail 'no overlay'

# What the host has pending in its own /run, or has set for its own hardware, does not apply to this machine.
mount -t tmpfs -o mode=755 run /root/run
mount -t tmpfs -o mode=755 modprobe /root/etc/modprobe.d
: >/root/etc/fstab
rm -rf /root/var/lib/janus
mkdir -p /root/run/lock /root/run/janus-lab/home
chmod 700 /root/run/janus-lab/home
cp -r "/host$job/." /root/run/janus-lab/ || fail "no job in $job"
cp /bin/busybox /supervise /root/run/janus-lab/

modules=/root/lib/modules/$(uname -r)
mkdir -p "$modules"
mount -t overlay -o "lowerdir=/host$(cat /root/run/janus-lab/modules),upperdir=/layer/modules,workdir=/layer/modules.work" \
  modules "$modules" || fail 'no kernel modules'

# What builds an initramfs or writes a boot loader's menu looks for the kernel in /boot.
if [ $lower != /host ]; then
  mkdir -p /root/boot
  cp "/host$(cat /root/run/janus-lab/boot)"/* /root/boot/
fi

# Visible to the guest, because it holds exactly what was ever written to the root file system.
mkdir -p /root/run/janus-lab/layer
mount --move /layer /root/run/janus-lab/layer

mount --move /proc /root/proc
mount --move /sys /root/sys
mount --move /dev /root/dev
mkdir -p /root/dev/pts /root/dev/shm
mount -t devpts -o mode=620,ptmxmode=666 devpts /root/dev/pts
mount -t tmpfs -o mode=1777 shm /root/dev/shm
mount -t cgroup2 cgroup2 /root/sys/fs/cgroup
mount -t debugfs debugfs /root/sys/kernel/debug
# Where a scenario asks for systemd, it is process 1 and the job is a service of it.
if [ -d /root/run/janus-lab/units ]; then
  mkdir -p /root/run/systemd
  cp -r /root/run/janus-lab/units /root/run/systemd/system
  # What the build host may be does not make this machine a container, where systemd reads no kernel command line.
  rm -f /root/.dockerenv
  exec switch_root /root /lib/systemd/systemd --unit=janus-lab.target
fi
exec switch_root /root /run/janus-lab/busybox sh /run/janus-lab/supervise
