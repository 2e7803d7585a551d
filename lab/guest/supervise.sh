#!/bin/sh
# Process 1 of the guest, or a service where systemd is that. A shell, because waiting in it reaps every orphan: a process that was killed is really gone.
job=/run/janus-lab
busybox=$job/busybox
tries=0
until port=$($busybox grep -lx janus.lab /sys/class/virtio-ports/*/name 2>/dev/null); do
  tries=$((tries + 1))
  [ $tries -lt 100 ] || break
  $busybox sleep 0.1
done
port=${port%/name}
exec 3<>"/dev/${port##*/}"

export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export HOME=$job/home LANG=C.UTF-8 TERM=dumb JANUS_LAB_RESULTS=3
cd "$HOME" || exit
"$($busybox cat $job/node)" "$($busybox cat $job/start)" </dev/null &
wait $!
code=$?
# A write that hangs in the kernel must not take the result with it.
$busybox timeout -s KILL 10 $busybox sync
echo "{\"type\":\"exit\",\"code\":$code}" >&3
while :; do
  $busybox sleep 3600 &
  wait $!
done
