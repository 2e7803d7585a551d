# Mounts the root of the lab from within a real initramfs, with the lab's own busybox, whatever that initramfs has.
/janus-lab/busybox mkdir -p /janus-lab/bin
/janus-lab/busybox --install -s /janus-lab/bin
export PATH=/janus-lab/bin
# The initramfs hands its /run over to the root, where the guest's programs must be allowed to run.
mount -o remount,exec /run
. /janus-lab/mount-root
mount_lab_root /janus-lab/modules "$1" /run
cp /janus-lab/busybox /janus-lab/supervise /run/janus-lab/
cat >"$1/janus-lab-init" <<'END'
#!/bin/sh
busybox=/run/janus-lab/busybox
$busybox mkdir -p /dev/pts /dev/shm
$busybox mountpoint -q /dev/pts || $busybox mount -t devpts -o mode=620,ptmxmode=666 devpts /dev/pts
$busybox mount -t tmpfs -o mode=1777 shm /dev/shm
$busybox mount -t cgroup2 cgroup2 /sys/fs/cgroup
$busybox mount -t debugfs debugfs /sys/kernel/debug
exec $busybox sh /run/janus-lab/supervise
END
chmod 755 "$1/janus-lab-init"
