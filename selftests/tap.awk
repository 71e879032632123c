# SPDX-License-Identifier: GPL-2.0
#
# Judge what one suite printed: -v suite=NAME -v status=EXIT-STATUS, and files
# for the results: -v counts= (passed failed skipped), -v ids= (lesson IDs of
# the tests that ran), -v details= (what failed).
# A suite may print several TAP documents, one after the other.

function problem(text)
{
	failed++
	print "# " suite ": " text >details
	follow = 0
}

function end_document()
{
	if (!begun && !seen && plan < 0 && bailed == "")
		return
	if (bailed)
		problem("bailed out: " bailed)
	else if (plan < 0)
		problem("no plan")
	else if (seen != plan)
		problem("planned " plan " tests, ran " seen)
	documents++
	begun = seen = 0
	plan = -1
	bailed = ""
}

BEGIN {
	plan = -1
	begun = seen = 0
	passed = failed = skipped = documents = 0
	printf "" >details
	printf "" >ids
}

{ sub(/\r$/, "") }

/^TAP version / {
	end_document()
	begun = 1
	follow = 0
	next
}

/^1\.\.[0-9]+/ {
	if (plan >= 0)
		end_document()
	plan = substr($1, 4) + 0
	if (seen) {
		# The plan may come last, and then ends its document.
		end_document()
		next
	}
	if (!plan && toupper($0) !~ /# SKIP/) {
		problem("no tests, and no reason: " $0)
	} else if (!plan) {
		skipped++
		print "# " suite ": all skipped: " $0 >details
	}
	follow = 0
	next
}

/^(not )?ok( |$)/ {
	seen++
	follow = 0
	if ($1 == "ok" && toupper($0) ~ /[^\\]# SKIP/) {
		skipped++
		print "# " suite ": " $0 >details
		next
	}
	rest = $0
	while (match(rest, /\[[A-Z][0-9]+([ ,]+[A-Z][0-9]+)*\]/)) {
		id = substr(rest, RSTART + 1, RLENGTH - 2)
		gsub(/[ ,]+/, "\n", id)
		print id >ids
		rest = substr(rest, RSTART + RLENGTH)
	}
	if ($1 == "ok") {
		passed++
	} else {
		problem($0)
		follow = 12
		# kselftest programs explain before the result
		for (i = NR - 6; i < NR; i++)
			if (i in line)
				print "    " line[i] >details
	}
	split("", line)
	next
}

/^Bail out!/ { bailed = $0 }

/^#/ {
	if (follow) {
		print "    " $0 >details
		follow--
	} else {
		line[NR] = $0
	}
}

END {
	end_document()
	if (!documents)
		problem("printed no TAP")
	if (status && !failed)
		problem("ended with status " status)
	print passed, failed, skipped >counts
}
