#!/usr/bin/env bash
# Installs the real systems that the tests talk to, from the distribution's own packages (Debian, Ubuntu):
#   orthanc, orthanc-dicomweb   a PACS with DICOMweb
#   dcmtk                       storescu, echoscu, storescp, ...
#   dicom3tools                 dciodvfy, the validator of DICOM objects
#   postgresql                  the archive's index, grown up
#   chromium                    the browser that drives the pages
#   npm                         brings OHIF, the viewer; whichever npm is there already will do
# Running it again changes nothing. None of them is started as a service of the machine.
set -euo pipefail

packages=(orthanc orthanc-dicomweb dcmtk dicom3tools postgresql chromium)
command -v npm >/dev/null || packages+=(npm)

is_installed() {
    [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing=()
for package in "${packages[@]}"; do
    is_installed "$package" || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
    echo "peers: all installed (${packages[*]})"
    exit 0
fi

if ! command -v apt-get >/dev/null; then
    echo "peers: ${missing[*]} are missing, and this system has no apt-get; install them by hand" >&2
    exit 1
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "peers: ${missing[*]} are missing; run deploy/install-peers.sh as root" >&2
        exit 1
    fi
    as_root=(sudo)
fi

# The packages would start an Orthanc and a PostgreSQL of the whole machine: tests start their own, on free ports.
# A policy that this machine already has is left alone.
policy=/usr/sbin/policy-rc.d
forbid_services() {
    [ -e "$policy" ] && return
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
    "${as_root[@]}" chmod 755 "$policy"
    trap '"${as_root[@]}" rm -f "$policy"' EXIT
}

echo "peers: installing ${missing[*]}"
forbid_services
"${as_root[@]}" apt-get update -q
available=()
for package in "${missing[@]}"; do
    if apt-cache show "$package" >/dev/null 2>&1; then
        available+=("$package")
    else
        echo "peers: this distribution has no package $package; its tests need it installed by hand" >&2
    fi
done
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${available[@]}"
