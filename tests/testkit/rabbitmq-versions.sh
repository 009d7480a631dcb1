#!/usr/bin/env bash
# Makes RabbitMQ 4.0 and 4.3 available to the tests, beside the 3.10 of Debian 12: a folder a version, with the packages
# of a later Debian, that the tests run by chroot. Nothing outside these folders changes.
#
#   rabbitmq-versions.sh [4.0] [4.3]      both when none is named; what is there already is left alone
#
# Needs root and mmdebstrap; about a minute and 240 MB a version. The packages come from the mirror that apt uses here.
set -euo pipefail

versions=("$@")
[ ${#versions[@]} -gt 0 ] || versions=(4.0 4.3)
home=${XDG_DATA_HOME:-$HOME/.local/share}/velatura/rabbitmq

fail() {
  echo "rabbitmq-versions: $1" >&2
  exit 1
}

[ "$(id -u)" = 0 ] || fail "must run as root: it makes folders that are entered by chroot"
command -v mmdebstrap >/dev/null || fail "mmdebstrap is missing: apt-get install --no-install-recommends mmdebstrap"

mirror() {
  local codename
  codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
  apt-get indextargets --format '$(REPO_URI)' "Codename: $codename" | sed -n 1p
}

make() {
  local version=$1 folder=$2 suite line options=()
  case $version in
  4.0)
    suite=trixie
    line="deb [signed-by=/usr/share/keyrings/debian-archive-trixie-stable.gpg] $(mirror) trixie main"
    ;;
  4.3)
    # Debian 12 has no key for sid, and a mirror's index of it may be past its date: good enough for a test server.
    suite=sid
    line="deb [trusted=yes] $(mirror) sid main"
    options=(--aptopt='Acquire::Check-Valid-Until "false"')
    ;;
  *) fail "unknown version $version: 4.0 or 4.3" ;;
  esac
  mmdebstrap --quiet --variant=apt "${options[@]}" --include=rabbitmq-server "$suite" "$folder" "$line"
  # Erlang looks up the name of its node, which is at localhost.
  grep -qs localhost "$folder/etc/hosts" || echo '127.0.0.1 localhost' >>"$folder/etc/hosts"
  rm -rf "$folder"/var/cache/apt/archives/*.deb "$folder"/var/lib/apt/lists/*
}

mkdir -p "$home"
for version in "${versions[@]}"; do
  if [ -x "$home/$version/usr/lib/rabbitmq/bin/rabbitmq-server" ]; then
    echo "RabbitMQ $version is there: $home/$version"
    continue
  fi
  # Made under another name first, so that an interrupted run leaves nothing that looks finished.
  partial=$home/$version.partial
  rm -rf --one-file-system "$partial"
  make "$version" "$partial"
  mv "$partial" "$home/$version"
  installed=$(dpkg-query --admindir="$home/$version/var/lib/dpkg" --show --showformat='${Version}' rabbitmq-server)
  echo "RabbitMQ $version is ready ($installed): $home/$version"
done
