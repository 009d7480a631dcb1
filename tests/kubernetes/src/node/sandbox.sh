#!/usr/bin/env bash
# sandbox.sh ROOT USER GROUP FILES COMMAND…: becomes COMMAND as a container would run it.
#
# A root of its own that can't be written, in a mount namespace of its own: the machine's /usr, the image's files below
# /velatura, and the Pod's volumes. FILES has a line for each of those: where from, where to, ro or rw. Then a user without
# capabilities. It stays one process all the way, so that signals reach COMMAND.
set -euo pipefail
root=$1 user=$2 group=$3 files=$4
shift 4

mount --make-rprivate /
mount -t tmpfs -o mode=0755 none "$root"
mkdir "$root"/{proc,dev,etc,usr}
mount --rbind -o ro /usr "$root/usr"
for folder in bin sbin lib lib64; do
  if [ -L "/$folder" ]; then ln -s "$(readlink "/$folder")" "$root/$folder"; fi
done
mount --rbind /proc "$root/proc"
for device in null zero full random urandom; do
  touch "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
cp /etc/ld.so.cache /etc/nsswitch.conf "$root/etc/"
# The certificates of ca-certificates, which the image has.
mkdir "$root/etc/ssl"
mount --rbind -o ro /etc/ssl "$root/etc/ssl"

while read -r from to mode; do
  if [ -d "$from" ]; then mkdir -p "$root$to"; else mkdir -p "$root${to%/*}" && touch "$root$to"; fi
  mount --bind "$from" "$root$to"
  mount -o "remount,bind,$mode" "$root$to"
done <"$files"
mount -o remount,ro "$root"

exec chroot "$root" setpriv --reuid="$user" --regid="$group" --clear-groups --no-new-privs --bounding-set=-all \
  --inh-caps=-all -- "$@"
