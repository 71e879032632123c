#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Does selftests/run tell success from failure, and end what it began? Does
# kexec_bpf/run take its names for what they are? Prints TAP.
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d "${TMPDIR:-/tmp}/kexec-bpf-run.XXXXXX")
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
	[[ -z $not ]] || sed 's/^/# /' "$tmp/out"
}

is() {
	[[ $1 == "$2" ]] || { echo "# is '$1', expected '$2'"; return 1; }
}

says() {
	grep -qxE -e "$1" "$tmp/out"
}

# suites LINE...
suites() {
	printf '%s\n' '# NAME COMMAND' "$@" >"$tmp/suites"
}

run() {
	"$here/run" --no-build --suites "$tmp/suites" --lessons "$tmp/lessons" \
		--logs "$tmp/logs" "$@" >"$tmp/out" 2>&1 </dev/null
	status=$?
}

# gone PID...: all have ended; whether somebody has asked how, does not matter. What
# has not is ended, as it would be waited for.
gone() {
	local i pid
	local -a left
	for ((i = 0; i < 100; i++)); do
		left=()
		for pid; do
			[[ $(ps -o stat= -p "$pid") != [!Z]* ]] || left+=("$pid")
		done
		((${#left[@]})) || return 0
		sleep 0.1
	done
	kill -KILL "${left[@]}"
	return 1
}

# guest NAME...: the programs of a machine
guest() {
	"$tmp/guest/run" "$@" >"$tmp/out" 2>&1
	status=$?
}

last() {
	is "$(tail -n 1 "$tmp/out")" "$1"
}

echo "TAP version 13"
echo "1..48"
printf '# comment\nA1 first of them\n\nB2\nC3 and so on\n' >"$tmp/lessons"

good="good printf '1..2\nok 1 - [A1] a\nok 2 - [B2, C3] b\n'"
suites "$good" "skips printf '1..1\nok 1 # SKIP no\n'"
run
ok "suites that succeed: 0" is "$status" 0
ok "... the count of their tests comes last" last '2 passed, 0 failed, 1 skipped'
ok "... a line each" says 'ok [12] - good: 2 passed, 0 failed, 0 skipped \([0-9]+ s\)'
ok "... and what was skipped" says '# skips: ok 1 # SKIP no'

suites "$good" "bad printf '1..1\nnot ok 1 - no\n'; exit 1"
run
ok "a test that fails: 1" is "$status" 1
ok "... counts" last '2 passed, 1 failed'
ok "... named" says '# bad: not ok 1 - no'
suites "$good" "bad printf '1..1\nok 1\n'; echo why >&2; exit 3"
run
ok "a suite that ends with a status: 1" is "$status" 1
ok "... named" says '# bad: ended with status 3'
ok "... with what it had to say" says ' +# why'
# The parent of what runs a suite is what records it.
suites "$good" "lost printf '1..1\nok 1\n'; kill -KILL \$(ps -o ppid= -p \$PPID)"
run
ok "a suite that nothing is on record of: 1" is "$status" 1
ok "... counts" last '2 passed, 1 failed'
ok "... has its line" says 'not ok 2 - lost'
ok "... named" says '# lost: ended without a result'
suites "$good" "bad true"
run
ok "a suite that prints nothing: 1" is "$status" 1
ok "... named" says '# bad: printed no TAP'

suites "some printf '1..1\nok 1 - [A1]\n'"
run
ok "lessons without a test: 1" is "$status" 1
ok "... count" last '1 passed, 2 failed'
ok "... named" says '# no test ran for these lessons: B2 C3'
run some
ok "no lessons are missed where suites are named" is "$status" 0
echo "# none" >"$tmp/empty"
run --lessons "$tmp/empty"
ok "a list without lessons: 2" is "$status" 2
ok "... named" says "selftests/run: no lessons in '$tmp/empty'"
run --suites "$tmp/empty"
ok "a list without suites: 2" is "$status" 2
ok "... named" says "selftests/run: no suites in '$tmp/empty'"
for option in --lessons --suites; do
	run "$option" "$tmp/none"
	ok "$option: a file that is not there: 2" is "$status" 2
	ok "... named" says "selftests/run: cannot read '$tmp/none'"
done
run other
ok "an unknown suite: 2" is "$status" 2
ok "... named" says "selftests/run: no suite 'other' \\(--list\\)"

# The directory of the logs can have been there before, with files of others.
mkdir "$tmp/old"
touch "$tmp/old"/{file.log,some.console}
cd "$tmp" || exit 1
suites "$good" "some echo >\"\$KEXEC_BPF_LOGS/some.new.console\"; printf '1..1\nok 1\n'"
run --suites suites --lessons lessons --logs old
ok "relative paths count from where one is" is "$status" 0
ok "... logs are there" test -f "$tmp/old/some.log" -a -f "$tmp/old/some.new.console"
ok "... those of an earlier run are not" test ! -e "$tmp/old/some.console"
ok "... files of others are" test -f "$tmp/old/file.log"
run --logs "$tmp/new/logs" some
ok "a directory for the logs is made" test -f "$tmp/new/logs/some.new.console"

# Two suites, with children of their own, in a terminal and out of it. A shell that
# has no trap for what comes to all would not wait for the status.
suites "long sleep 987 & echo \$! >'$tmp/long'; wait" \
	"other sleep 987 & echo \$! >'$tmp/other'; wait"
for signal in INT HUP TERM; do
	rm -f "$tmp/long" "$tmp/other"
	set -m
	{ trap : INT HUP; run --jobs 2; } &
	pid=$!
	set +m
	until [[ -s $tmp/long && -s $tmp/other ]]; do sleep 0.1; done
	if [[ $signal == TERM ]]; then
		kill -TERM "$(pgrep -P "$pid" -f -- '--suites')"
	else
		kill "-$signal" -- "-$pid"
	fi
	ok "$signal: nothing goes on" gone "$(<"$tmp/long")" "$(<"$tmp/other")"
	wait "$pid"
	ok "... says so" says '# interrupted'
done
run --jobs 0
ok "bad number: refused" is "$status" 2

mkdir "$tmp/guest"
cp "$here/kexec_bpf/run" "$tmp/guest"
for name in a_test b_test attack_c args_test; do
	printf '#!/bin/sh\necho "this is %s $*"\n' "$name" >"$tmp/guest/$name"
done
chmod +x "$tmp/guest"/*
guest -a_test
ok "programs that are left out: 0" is "$status" 0
ok "... and the others run" is "$(grep '^this' "$tmp/out")" \
	$'this is b_test \nthis is attack_c \nthis is args_test final'
for names in '-a_test b_test' 'b_test -a_test'; do
	# shellcheck disable=SC2086
	guest $names
	ok "$names: 2" is "$status" 2
	ok "... named, and nothing runs" \
		is "$(<"$tmp/out")" "Bail out! NAME and -NAME do not go together: $names"
done
exit $((failed != 0))
