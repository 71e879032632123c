#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# On the host: load an image in a virtual machine, start it, and let its tiny
# kernel tell where it is and what it was handed.
set -uo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
images=$top/build/images
nr=0 failed=0
readonly ADDRESS='0x([0-9a-f]+)'

# handed COMMAND-LINE INITRD: what the second kernel must say
handed() {
	local sum=0 size=0
	if [[ -n $2 ]]; then
		size=$(stat -c %s "$2")
		sum=$(od -An -v -tu1 "$2" | awk '{ for (i = 1; i <= NF; i++) s += $i } END { print s }')
	fi
	echo "^tiny kernel at $ADDRESS: command line '$1', initrd of $size bytes with sum $sum$"
}

# run OPTION... -- COMMAND...; the console is in $output
run() {
	output=$("$top/selftests/vm/run" --smp 1 --timeout 100 "$@" 2>&1)
}

# ok NAME CONDITION...
ok() {
	local name=$1
	shift
	nr=$((nr + 1))
	if "$@"; then
		echo "ok $nr - $name"
	else
		tail -n 15 <<<"$output" | sed 's/^/# /'
		echo "not ok $nr - $name"
		failed=$((failed + 1))
	fi
}

# boots NAME IMAGE COMMAND-LINE INITRD
boots() {
	ok "$1" run --until "$(handed "$3" "$4")" -- \
		sh -c "kexec-bpf load /images/$2 && kexec-bpf exec"
}

# crash UNTIL LOAD: after this load, a kernel that prints UNTIL comes out of a crash
crash() {
	run --append crashkernel=64M --expect-panic --until "$1" -- sh -c \
		"grep 'Crash kernel' /proc/iomem && $2 && echo c >/proc/sysrq-trigger; sleep 60"
}

# reserved: both the kernel and the header of the crashed one's memory, which its
# command line names, are where memory is reserved for them
reserved() {
	local first last address
	[[ $output =~ ([0-9a-f]+)-([0-9a-f]+)\ :\ Crash\ kernel ]] || return
	first=$((16#${BASH_REMATCH[1]})) last=$((16#${BASH_REMATCH[2]}))
	[[ $output =~ tiny\ kernel\ at\ $ADDRESS:\ command\ line\ \'elfcorehdr=$ADDRESS\  ]] || return
	for address in "${BASH_REMATCH[@]:1}"; do
		((16#$address >= first && 16#$address <= last)) || return
	done
}

# crashed_without PATTERN: it did crash, and nothing came of it
crashed_without() {
	grep -q 'Kernel panic - not syncing: sysrq triggered crash' <<<"$output" &&
		grep -qF "vm: ended without '$1'" <<<"$output"
}

echo "TAP version 13"
cmdline=$(<"$images/parts/cmdline")
initrd=$images/parts/initrd
boots "[F4] kernel-only UKI boots" kernel-only.efi "" ""
boots "UKI by objcopy alone boots with its initrd and command line" objcopy-1.efi "$cmdline" "$initrd"
boots "[F1][F2] UKI boots with its initrd and command line" pad-file.efi "$cmdline" "$initrd"
ok "UKI boots from a crash, with its initrd and command line" \
	crash "$(handed "elfcorehdr=$ADDRESS $cmdline" "$initrd")" \
	"kexec-bpf load --kdump /images/good.efi"
ok "in the memory reserved for that" reserved
crash "^tiny kernel" "kexec-bpf load /images/good.efi"
ok "an image that was not loaded for a crash does not" crashed_without '^tiny kernel'
echo "1..$nr"
((failed == 0))
