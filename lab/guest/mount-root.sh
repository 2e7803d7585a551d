# Sourced in an initramfs, the lab's own or a real one: makes the host's root visible, read-only below a writable layer in memory.
# Needs busybox's programs on PATH, /proc, and the modules of /modules (or $1) in their order.

fail() {
  echo "janus-lab: $*" >/dev/console
  poweroff -f
}

# <folder of modules> <where the root goes> <where /run of the guest is mounted already, if it is>
mount_lab_root() {
  for module in $(cat "$1/order"); do
    grep -q "^$(basename "$module" .ko | tr - _) " /proc/modules || insmod "$1/$module" || fail "cannot load $module"
  done
  root=$2
  run=$3
  for word in $(cat /proc/cmdline); do
    case $word in janus_lab=*) job=${word#janus_lab=} ;; esac
  done
  mkdir -p /host /layer "$root"
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
  mount -t overlay -o lowerdir=$lower,upperdir=/layer/root,workdir=/layer/root.work root "$root" || fail 'no overlay'

  # What the host has pending in its own /run, or has set for its own hardware, does not apply to this machine.
  if [ -z "$run" ]; then
    run=$root/run
    mount -t tmpfs -o mode=755 run "$run"
  fi
  mount -t tmpfs -o mode=755 modprobe "$root/etc/modprobe.d"
  : >"$root/etc/fstab"
  rm -rf "$root/var/lib/janus"
  mkdir -p "$run/lock" "$run/janus-lab/home"
  chmod 700 "$run/janus-lab/home"
  cp -r "/host$job/." "$run/janus-lab/" || fail "no job in $job"

  modules=$root/lib/modules/$(uname -r)
  mkdir -p "$modules"
  mount -t overlay -o "lowerdir=/host$(cat "$run/janus-lab/modules"),upperdir=/layer/modules,workdir=/layer/modules.work" \
    modules "$modules" || fail 'no kernel modules'

  # What builds an initramfs or writes a boot loader's menu looks for the kernel in /boot.
  if [ $lower != /host ]; then
    mkdir -p "$root/boot"
    cp "/host$(cat "$run/janus-lab/boot")"/* "$root/boot/"
  fi

  # Visible to the guest, because it holds exactly what was ever written to the root file system.
  mkdir -p "$run/janus-lab/layer"
  mount -o move /layer "$run/janus-lab/layer"
}
