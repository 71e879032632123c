#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Does the runner tell success from failure? Prints TAP. The kernel of the
# profile base must be built.
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
nr=0 failed=0

# ok TEXT CONDITION...
ok() {
	local text=$1 not=''
	shift
	"$@" || not='not '
	nr=$((nr + 1))
	[[ -z $not ]] || failed=$((failed + 1))
	echo "${not}ok $nr - $text"
	[[ -z $not ]] || sed 's/^/# /' "$tmp/err" "$tmp/out"
}

vm() {
	: >"$tmp/out"
	"$here/run" --smp 1 --console "$tmp/console" --output "$tmp/out" --quiet "$@" 2>"$tmp/err"
	status=$?
}

# said LINE... -- OPTION...: the same with a machine that prints these lines, and
# reports $report, or success
said() {
	local -a lines=()
	while [[ $1 != -- ]]; do
		lines+=("$1")
		shift
	done
	shift
	console=$(printf '[    1.234567] %s\n' "${lines[@]}") report=${report-exit 0} \
		PATH=$tmp/bin:$PATH vm "$@" -- true
}

# machines: the QEMUs of what was begun
machines() {
	pgrep -f "^qemu-system.*$tmp/run/"
}

# begin COMMAND...: in a process group of its own, until its machine is there
begin() {
	rm -rf "$tmp/run"
	mkdir "$tmp/run"
	set -m
	TMPDIR=$tmp/run "$@" >"$tmp/out" 2>"$tmp/err" </dev/null &
	pid=$!
	set +m
	until machines >/dev/null || ! kill -0 "$pid" 2>/dev/null; do
		sleep 0.1
	done
}

# ends: what was begun, soon
ends() {
	local i
	for ((i = 0; i < 50; i++)); do
		[[ -n $(machines; pgrep -f "$here/run --quiet -- sleep") ]] || return 0
		sleep 0.1
	done
	return 1
}

is() {
	[[ $1 == "$2" ]] || { echo "# is '$1', expected '$2'"; return 1; }
}

says() {
	grep -q -e "$1" "$tmp/err"
}

mkdir "$tmp/bin"
cat >"$tmp/bin/qemu-system-x86_64" <<'EOF'
#!/bin/bash
for arg; do
	case $arg in
	file,id=report,*) echo "$report" >"${arg#*path=}" ;;
	file,id=output,*) : >"${arg#*path=}" ;;
	esac
done
echo "$console"
EOF
chmod +x "$tmp/bin/qemu-system-x86_64"

echo "TAP version 13"
echo "1..78"

# The words are for the guest's shell.
# shellcheck disable=SC2016
vm -- sh -c 'for a; do echo "<$a>"; done; exit 255' sh 'a b' '' '*' '"$x"' $'two\nlines'
ok "arguments arrive as they are" is "$(<"$tmp/out")" $'<a b>\n<>\n<*>\n<"$x">\n<two\nlines>'
ok "exit status 255" is "$status" 255
# shellcheck disable=SC2016
vm -- sh -c 'kill -9 $$'
ok "a command that is killed: 128 + 9" is "$status" 137
vm -- /no/such/command
ok "a command that is not there: 127" is "$status" 127
ok "... said by the guest" says 'exit 127'

vm -- sh -c 'echo c >/proc/sysrq-trigger; sleep 60'
ok "panic: 125" is "$status" 125
ok "... named" says 'Kernel panic'
vm -- sh -c 'echo WARNING >/sys/kernel/debug/provoke-crash/DIRECT'
ok "a warning, command returns 0: 125" is "$status" 125
ok "... named" says 'WARNING'
vm -- sh -c 'echo EXCEPTION >/sys/kernel/debug/provoke-crash/DIRECT; sleep 60'
ok "an oops: 125" is "$status" 125
vm -- reboot -f
ok "the guest ends without a status: 126" is "$status" 126
vm --timeout 2 -- sleep 600
ok "time-out: 124" is "$status" 124

vm --until 'the w[o]rd' -- sh -c 'echo the word; sleep 600'
ok "--until: 0 when the console shows it" is "$status" 0

# What the kernel says
panic='Kernel panic - not syncing: sysrq triggered crash'
off='kmemleak: Kernel memory leak detector disabled'
said "nothing of interest" --
ok "(a machine that only talks: 0)" is "$status" 0
report='exit 3' said "nothing of interest" --
ok "exit status 3" is "$status" 3
report='exit 3 or so' said "nothing of interest" --
ok "another report: 126" is "$status" 126
said "nothing of interest" -- --until 'the w[o]rd'
ok "--until: 126 when the console does not show it" is "$status" 126
said 'WARNING: CPU: 0 PID: 1 at mm/util.c:1' 'the word' -- --until 'the w[o]rd'
ok "--until: 125 after a warning all the same" is "$status" 125
said "$panic" -- --expect-panic --until 'the w[o]rd'
ok "--expect-panic: 126 when nothing comes after it" is "$status" 126
said "$panic" 'the word' -- --expect-panic --until 'the w[o]rd'
ok "--expect-panic: 0 with the panic and the word" is "$status" 0
said 'the word' "$panic" -- --expect-panic --until 'the w[o]rd'
ok "--expect-panic: 126 with the word ahead of it" is "$status" 126
said "$panic" "$panic" 'the word' -- --expect-panic --until 'the w[o]rd'
ok "--expect-panic: 125 at a second one" is "$status" 125
said "$panic" 'BUG: another' 'the word' -- --expect-panic --until 'the w[o]rd'
ok "--expect-panic: 125 at anything else" is "$status" 125
ok "... named" says 'BUG: another'
said "${panic/sysrq triggered crash/another}" 'the word' -- --expect-panic --until 'the w[o]rd'
ok "--expect-panic: 125 at another one" is "$status" 125
said "$panic" 'the word' -- --until 'the w[o]rd'
ok "without --expect-panic: 125" is "$status" 125
vm --expect-panic -- true
ok "--expect-panic without --until: refused" is "$status" 127
for text in 'BUG: KASAN: slab-out-of-bounds in f+0x1/0x2' \
	'UBSAN: array-index-out-of-bounds in f.c:1:2' \
	'WARNING: possible circular locking dependency detected' \
	'WARNING: suspicious RCU usage' 'BUG: KCSAN: data-race in f / g' \
	'BUG: sleeping function called from invalid context at f.c:1' \
	'rcu: INFO: rcu_sched self-detected stall on CPU' \
	'INFO: task f:1 blocked for more than 120 seconds.' \
	'watchdog: BUG: soft lockup - CPU#0 stuck for 22s!' \
	'kmemleak: 1 new suspected memory leaks (see /sys/kernel/debug/kmemleak)' \
	"$off" 'kmemleak: Cannot allocate a kmemleak_object structure' \
	'kmemleak: Memory pool empty, consider increasing CONFIG_DEBUG_KMEMLEAK_MEM_POOL_SIZE' \
	'turning off the locking correctness validator.' 'INFO: lockdep is turned off.' \
	'BUG: MAX_LOCKDEP_ENTRIES too low!'; do
	said "$text" --
	ok "'$text': 125" is "$status" 125
	ok "... named" says "${text//[/\\[}"
done
said "$off" -- --append kmemleak=off
ok "kmemleak is off because of --append: 0" is "$status" 0

# What looks for leaks and at locks does not
kmemleak=/sys/kernel/debug/kmemleak
full="mount -t tmpfs none ${kmemleak%/*} && : >$kmemleak && mount --bind /dev/full $kmemleak"
vm -- sh -c "$full"
ok "kmemleak refuses to scan: 125" is "$status" 125
ok "... named" says 'kmemleak does not look'
vm --append kmemleak=off -- sh -c "$full"
ok "... because of --append: 0" is "$status" 0
for locks in 1 0; do
	vm -- sh -c "mount -t tmpfs none /proc; echo ' debug_locks: $locks' >/proc/lockdep_stats"
	ok "lockdep says debug_locks: $locks: $((locks ? 0 : 125))" \
		is "$status" $((locks ? 0 : 125))
done
ok "... named" says 'lockdep does not look'

# The machine goes with who waits for it
begin "$here/run" --quiet -- sleep 600
kill -INT -- "-$pid"
wait "$pid"
ok "Ctrl-C: 130" is $? 130
ok "... no machine is left" ends
ok "... and no file" is "$(ls -A "$tmp/run")" ''
begin bash -c '"$@"; exit' bash "$here/run" --quiet -- sleep 600
kill -TERM "$pid"
wait "$pid" 2>/dev/null
ok "whoever started it is killed: no machine is left" ends
ok "... and no file" is "$(ls -A "$tmp/run")" ''
begin "$here/run" --quiet -- sleep 600
{ kill -KILL "$pid"; wait "$pid"; } 2>/dev/null
ok "killed itself: no machine is left" ends

echo "a file" >"$tmp/file"
vm --add "$tmp/file:/etc/a file" --append vm.test=1 --smp 2 --memory 512 -- \
	sh -c 'cat "/etc/a file"; nproc; grep -o vm.test=1 /proc/cmdline; id -u'
ok "a command that succeeds: 0" is "$status" 0
ok "--add, --append, --smp; as root" is "$(<"$tmp/out")" $'a file\n2\nvm.test=1\n0'

vm --kernel "$tmp/none" -- true
ok "no kernel: 127" is "$status" 127
vm --arch m68k -- true
ok "unknown architecture: refused by name" says m68k
vm --timeout 0 -- true
ok "bad number: refused" is "$status" 127
vm
ok "no command: refused" is "$status" 127
exit $((failed != 0))
