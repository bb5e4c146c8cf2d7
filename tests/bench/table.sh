# The one table of all benches; sourced by each of them.
#
#   figure WHAT PEER OURS RELATION LIMIT [UNIT]
#
# keeps a row for tests/bench/run, which names the file in $FIGURES: a number
# to reach (RELATION is <=, >= or =), ours, and what its peer came to in the
# same run.
# shellcheck shell=bash

figure() {
	local met=missed

	awk "BEGIN { exit !($3 ${4/#=/==} $5) }" && met=met
	printf '%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3${6:+ $6}" "$4 $5${6:+ $6}" \
	    "$met" >>"${FIGURES-/dev/null}"
}

# ratio NUMBER NUMBER [DIGITS]
ratio() {
	awk "BEGIN { printf \"%.${3-2}f\", $1 / $2 }"
}

# sum NUMBER NUMBER
sum() {
	awk "BEGIN { print $1 + $2 }"
}

# measure NAME COMMAND...: its wall clock, processor time and memory, which are
# in $wall, $cpu (seconds) and $rss (MiB) then, and its exit status in $exit.
measure() {
	local name=$1 used

	shift
	used=$(python3 - "$@" <<-'END'
	import resource, subprocess, sys, time
	start = time.monotonic()
	done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)
	wall = time.monotonic() - start
	used = resource.getrusage(resource.RUSAGE_CHILDREN)
	print("%.2f %.2f %.1f %d" % (wall, used.ru_utime + used.ru_stime,
	    used.ru_maxrss / 1024, done.returncode))
	END
	)
	read -r wall cpu rss exit <<<"$used"
	printf '%-44s %8.2f %8.2f %8.1f %5d\n' "$name" "$wall" "$cpu" "$rss" \
	    "$exit"
}
