#!/bin/busybox sh
# First program of the guest, in the initramfs: mounts the root of the lab and hands over to `supervise` as process 1 there.
export PATH=/bin
busybox mkdir -p /proc /sys /dev
busybox mount -t proc proc /proc
busybox --install -s /bin
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
. /mount-root
mount_lab_root /modules /root
cp /bin/busybox /supervise /root/run/janus-lab/

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
