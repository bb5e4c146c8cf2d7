#!/usr/bin/env bash
# T1, T5: every call of the module fails in turn, once and from then on. Then a
# yes only where everything was verified, burnt and recorded all the same, and
# never PAM_IGNORE. Every 41st call, another one each time; SOAK=1: all.
set -u
. "$(dirname "$0")/lib.sh"
sandbox "$@"

drive=$top/build/release/tests/tool_pamdrive
export LD_BIND_NOW=1
reeve_host
reeve_conf '[reeve]' 'profile =' '[service door]' 'type = login' '[service jump]' \
    'type = login' '[throttle]' 'attempts = 100' \
    'user_attempts = 1000'
person ada 'long Horse 4 battery' -G admins

# The three stacks in which an error taken for "ignore" would let in.
stack door <<-'EOF'
auth required pam_reeve.so reserve
auth required pam_reeve.so
auth required pam_permit.so
account required pam_reeve.so
account required pam_permit.so
session required pam_reeve.so
session required pam_permit.so
EOF
stack jump <<-'EOF'
auth [success=1 ignore=ignore default=bad] pam_reeve.so reserve
auth required pam_permit.so
auth [success=1 default=ignore] pam_reeve.so
auth requisite pam_deny.so
auth required pam_permit.so
account [success=1 default=ignore] pam_reeve.so
account requisite pam_deny.so
account required pam_permit.so
session required pam_reeve.so
EOF

# once AT ONWARD CODE: a login with that call failing; 0 when account said yes.
once() {
	printf 'ode=%s\nassword=x\n' "$3" |
	    env "LD_PRELOAD=$top/build/release/tests/fault_preload.so" \
		"FAULT_AT=$1" ${2:+FAULT_ONWARD=1} FAULT_OBJECT=pam_reeve \
		"FAULT_REPORT=$SANDBOX/fault.log" \
		timeout 60 "$drive" "$service" ada rhost=192.0.2.7 tty=pts/7 \
		-- auth acct open >"$SANDBOX/drive.log" 2>&1
	grep -q ' acct 0 ' "$SANDBOX/drive.log"
}

grants() {
	cat /var/lib/reeve/trail/segment-* 2>/dev/null |
	    grep -c '"type":"grant".*"result":"yes"'
}

# What the module itself said, where it alone decides (PAM_IGNORE is 25).
ignored() {
	grep -qE ' (auth|acct|open) 25 ' "$SANDBOX/drive.log"
}

# One failing call: its yes must be burnt and recorded; with it gone, the
# account must still work.
judge() {
	local before after

	rm -rf /run/reeve
	before=$(grants)
	if once "$1" "$2" "$(hotp "$seed" "$counter")"; then
		counter=$((counter + 1))
		# Two, where a failed sync moved the trail to a new segment.
		after=$(grants)
		[ "$after" -gt "$before" ] || {
			say "$service: call $1: yes without a record:" \
			    "$(grep ' failed ' "$SANDBOX/fault.log" | tail -n 1)"
			tail -n 3 /var/lib/reeve/trail/segment-* >&2
			return 1
		}
		if once 0 "" "$(hotp "$seed" $((counter - 1)))"; then
			say "$service: call $1: yes, and the code not burnt"
			return 1
		fi
		yes=$((yes + 1))
	else
		# Burnt or not, the next code is good.
		counter=$((counter + 1))
		no=$((no + 1))
	fi
	if ignored; then
		say "$service: call $1: PAM_IGNORE"
		cat "$SANDBOX/drive.log" >&2
		return 1
	fi
	rm -rf /run/reeve
	once 0 "" "$(hotp "$seed" "$counter")" || {
		say "$service: after call $1 nobody gets in"
		cat "$SANDBOX/drive.log" >&2
		return 1
	}
	counter=$((counter + 1))
}

every_call() {
	local onward=$1 at bad=0 total

	rm -f "$SANDBOX/fault.log"
	reevectl remove ada hotp >/dev/null 2>&1
	seed=$(enroll ada hotp)
	counter=1
	once 0 "" "$(hotp "$seed" "$counter")" || return 1
	counter=$((counter + 1))
	total=$(sed -n 's/.* counted //p' "$SANDBOX/fault.log" | sort -n |
	    tail -n 1)
	[ "${total:-0}" -gt 100 ] || return 1
	for ((at = 1 + RANDOM % step; at <= total; at += step)); do
		judge "$at" "$onward" || bad=$((bad + 1))
	done
	say "$service: $total calls, every ${step}th:" \
	    "$no refused, $yes let in rightly, $bad wrong"
	[ "$bad" -eq 0 ] && [ "$no" -gt 0 ]
}

step=${STEP-$([ -n "${SOAK-}" ] && echo 1 || echo 41)}
for service in door jump; do
	for onward in "" 1; do
		yes=0 no=0
		check "$service: any call${onward:+ and all after it} failing: \
no wrong yes, nobody locked out" every_call "$onward"
	done
done
report
