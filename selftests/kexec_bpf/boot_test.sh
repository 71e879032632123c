#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# On the host: load an image in a virtual machine, start it, and let its tiny
# kernel tell what it was handed.
set -uo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
images=$top/build/images
nr=0 failed=0

# boots NAME IMAGE COMMAND-LINE INITRD: what the second kernel must say
boots() {
	local sum=0 size=0 want
	if [[ -n $4 ]]; then
		size=$(stat -c %s "$4")
		sum=$(od -An -v -tu1 "$4" | awk '{ for (i = 1; i <= NF; i++) s += $i } END { print s }')
	fi
	want="tiny kernel: command line '$3', initrd of $size bytes with sum $sum"
	nr=$((nr + 1))
	if output=$("$top/selftests/vm/run" --timeout 100 --until "^$want$" -- \
		sh -c "kexec-bpf load /images/$2 && kexec-bpf exec" 2>&1); then
		echo "ok $nr - $1"
	else
		tail -n 15 <<<"$output" | sed 's/^/# /'
		echo "not ok $nr - $1"
		failed=$((failed + 1))
	fi
}

echo "TAP version 13"
cmdline=$(<"$images/parts/cmdline")
boots "[F4] kernel-only UKI boots" kernel-only.efi "" ""
boots "[F1][F2] UKI boots with its initrd and command line" pad-file.efi "$cmdline" \
	"$images/parts/initrd"
echo "1..$nr"
((failed == 0))
