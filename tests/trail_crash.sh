#!/usr/bin/env bash
# What crashes leave of a trail: writers killed, power cut, disk full. No
# record that was acknowledged is ever lost, and all of it verifies.
# SOAK=1 takes minutes instead of seconds.
set -u
. "$(dirname "$0")/lib.sh"
sandbox "$@"

reevectl=${REEVECTL:-$top/build/release/reevectl}
tool=$top/build/release/tests/tool_trail
python=$top/contrib/trail-verify.py
[ -x "$reevectl" ] && [ -x "$tool" ] ||
    make -s -C "$top" build/release/reevectl build/release/tests/tool_trail
rounds=${CRASHES-$([ -n "${SOAK-}" ] && echo 200 || echo 5)}
cuts=${CUTS-$([ -n "${SOAK-}" ] && echo 20 || echo 2)}

# begin DIR: a trail in DIR/trail.
begin() {
	D=$1
	mkdir -p "$D"
	printf '[reeve]\nstate_directory = %s\nrun_directory = %s\ntrail_directory = %s\n' \
	    "$D/state" "$SANDBOX/run" "$D/trail" >"$SANDBOX/c.conf"
	rm -rf "$SANDBOX/run"
	trail init >"$SANDBOX/key" 2>/dev/null
}

trail() {
	"$reevectl" --config "$SANDBOX/c.conf" trail "$@"
}

both_verify() {
	trail verify --key "$(cat "$SANDBOX/key")" "$D/trail" &&
	    python3 "$python" --key "$(cat "$SANDBOX/key")" "$D/trail"
}

# all_there FILE...: each acknowledged record stands in the trail, once.
all_there() {
	sed -n 's/^ack //p' "$@" | sort >"$SANDBOX/acked"
	cat "$D"/trail/segment-*.jsonl | tr -d '\0' |
	    sed -n 's/.*"detail":"\([0-9-]*\)"}$/\1/p' | sort >"$SANDBOX/found"
	[ -s "$SANDBOX/acked" ] || return 1
	[ -z "$(comm -23 "$SANDBOX/acked" "$SANDBOX/found")" ] || return 1
	[ -z "$(uniq -d "$SANDBOX/found")" ]
}

writers() {
	local n

	pids=()
	for n in 1 2 3 4; do
		"$tool" "$1" "$D/trail" 1000000 ${2-} >>"$SANDBOX/acks.$n" 2>>"$SANDBOX/errors" &
		pids+=($!)
	done
}

end_writers() {
	kill -KILL "${pids[@]}" 2>/dev/null
	wait "${pids[@]}" 2>/dev/null
}

# ---- kill -9 ----
begin "$SANDBOX/kill"
for ((i = 0; i < rounds; i++)); do
	writers append 200000
	sleep "0.$((RANDOM % 5 + 1))"
	end_writers
done
check "writers killed $((4 * rounds)) times: the next record is written" \
    "$tool" append "$D/trail" 1
check "writers killed: no acknowledged record is lost, none is there twice" \
    all_there "$SANDBOX"/acks.*
check "writers killed: both verifiers agree that all fits" both_verify
say "acknowledged: $(wc -l <"$SANDBOX/acked"); repairs: $(trail show --type repair | wc -l)"
rm -f "$SANDBOX"/acks.*

# ---- power cut: the disk's image as it is while writers run ----
disk cut 256
begin "$SANDBOX/cut"
lost=0
for ((i = 0; i < cuts; i++)); do
	rm -f "$SANDBOX"/acks.*
	# A fast machine fills the disk in a few rounds.
	if [ "$(df --output=avail -m "$D" | tail -n 1)" -lt 128 ]; then
		rm -rf "$D/trail"
		begin "$D"
	fi
	writers append
	"$tool" note "$D/trail" 1000000 >/dev/null 2>&1 &
	note=$!
	sleep 1
	# All stop at once; what is copied is what the disk had been given.
	kill -KILL "$note" "${pids[@]}" 2>/dev/null
	cp --sparse=always "$SANDBOX/cut.img" "$SANDBOX/copy.img"
	wait "$note" "${pids[@]}" 2>/dev/null
	cat "$SANDBOX"/acks.* >"$SANDBOX/said"
	mkdir -p "$SANDBOX/copy"
	mount -o loop "$SANDBOX/copy.img" "$SANDBOX/copy"
	D=$SANDBOX/copy
	printf '[reeve]\nstate_directory = %s\nrun_directory = %s\ntrail_directory = %s\n' \
	    "$D/state" "$SANDBOX/run" "$D/trail" >"$SANDBOX/c.conf"
	rm -rf "$SANDBOX/run"
	# After a power cut there is a new boot.
	cat /proc/sys/kernel/random/uuid >"$SANDBOX/boot"
	mount --bind "$SANDBOX/boot" /proc/sys/kernel/random/boot_id
	"$tool" append "$D/trail" 1 >/dev/null && all_there "$SANDBOX/said" &&
	    trail epoch >/dev/null && both_verify >"$SANDBOX/verdict" || {
		lost=$((lost + 1))
		cat "$SANDBOX/verdict"
	}
	umount /proc/sys/kernel/random/boot_id
	umount "$SANDBOX/copy"
	D=$SANDBOX/cut
done
check "power cut, $cuts times: nothing acknowledged is lost, and all verifies" [ "$lost" = 0 ]
say "acknowledged before the last cut: $(grep -c ack "$SANDBOX/said")"

# ---- a full disk ----
disk full 48
begin "$SANDBOX/full"
dd if=/dev/zero of="$SANDBOX/full/fill" bs=64k 2>/dev/null
"$tool" append "$D/trail" 1000 >"$SANDBOX/acks.full"
check "a full disk: a thousand records more, in the room kept for them" \
    [ "$(wc -l <"$SANDBOX/acks.full")" = 1000 ]
"$tool" note "$D/trail" 1000000 >>"$SANDBOX/acks.full" 2>"$SANDBOX/why"
check "the room is at an end: refused, and why" grep -q "No space left" "$SANDBOX/why"
check "it lasted for over 16 MiB" [ "$(stat -c %s "$D/trail/segment-00000001.jsonl")" -gt 16777216 ]
refuse "and refused again" "$tool" append "$D/trail" 1
rm "$SANDBOX/full/fill"
check "with room again, records are written" "$tool" append "$D/trail" 2
check "and it is recorded that some could not be" \
    bash -c '"$@" | grep "gap missed=[0-9]* since=.* reason=.full"' _ \
    "$reevectl" --config "$SANDBOX/c.conf" trail show --type gap
check "nothing acknowledged was lost on the full disk" all_there "$SANDBOX/acks.full"
check "and both verifiers agree" both_verify

# ---- append-only files ----
chattr +a "$D/trail/segment-00000001.jsonl"
check "records are appended to a file with chattr +a" "$tool" append "$D/trail" 3
printf 'torn' >>"$D/trail/segment-00000001.jsonl"
check "and a torn tail of it is mended" "$tool" append "$D/trail" 1
check "and it verifies" both_verify
chattr -a "$D/trail/segment-00000001.jsonl"

# ---- a read-only file system, and those that keep nothing ----
mount -o remount,ro "$SANDBOX/full"
refuse "a read-only file system refuses" "$tool" append "$D/trail" 1
mount -o remount,rw "$SANDBOX/full"
mkdir "$SANDBOX/tmpfs"
mount -t tmpfs tmpfs "$SANDBOX/tmpfs"
cp -a "$D/trail" "$SANDBOX/tmpfs/"
refuse "tmpfs is no place for a trail" "$tool" append "$SANDBOX/tmpfs/trail" 1
report
