#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Does selftests/run tell success from failure, and end what it began? Prints TAP.
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

# gone PID: it has ended; whether somebody has asked how, does not matter
gone() {
	local i
	for ((i = 0; i < 50; i++)); do
		[[ $(ps -o stat= -p "$1") == [!Z]* ]] || return 0
		sleep 0.1
	done
	return 1
}

last() {
	is "$(tail -n 1 "$tmp/out")" "$1"
}

echo "TAP version 13"
echo "1..23"
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
run other
ok "an unknown suite: 2" is "$status" 2
ok "... named" says "selftests/run: no suite 'other' \\(--list\\)"

# A suite with a child of its own, in a terminal and out of it
suites "long sleep 987 & echo \$! >'$tmp/pid'; wait" "other sleep 987"
for signal in INT TERM; do
	rm -f "$tmp/pid"
	set -m
	run --jobs 2 &
	pid=$!
	set +m
	until [[ -s $tmp/pid ]]; do sleep 0.1; done
	if [[ $signal == INT ]]; then
		kill -INT -- "-$pid"
	else
		kill -TERM "$(pgrep -P "$pid" -f -- '--suites')"
	fi
	wait "$pid"
	ok "$signal: says so" says '# interrupted'
	ok "... nothing goes on" gone "$(<"$tmp/pid")"
done
run --jobs 0
ok "bad number: refused" is "$status" 2
exit $((failed != 0))
