#include "pamod/attempt.h"

#include <stdio.h>
#include <string.h>

#include "pamod/process.h"
#include "pamod/reason.h"

int
attempt_enter(struct state_user *user, const char *service, const char *source,
    int32_t pid, int64_t now, uint64_t *id, struct err *e)
{
	struct process self;

	if (process_read(pid, &self, e) == -1)
		return -1;
	*id = ++user->next_attempt_id;
	for (size_t i = 0; i < STATE_ATTEMPTS_MAX; i++) {
		struct state_attempt *a = &user->attempts[i];

		if (a->id != 0)
			continue;
		*a = (struct state_attempt){ .id = *id,
			.pid = self.pid,
			.pid_start = self.start,
			.begun = now,
			.answered = 1 };
		memcpy(a->boot, self.boot, sizeof(a->boot));
		(void)snprintf(a->service, sizeof(a->service), "%s", service);
		(void)snprintf(a->source, sizeof(a->source), "%s", source);
		break;
	}
	return 0;
}

void
attempt_close(struct state_user *user, uint64_t id)
{
	for (size_t i = 0; i < STATE_ATTEMPTS_MAX; i++)
		if (id != 0 && user->attempts[i].id == id)
			user->attempts[i] = (struct state_attempt){ 0 };
}

size_t
attempt_sweep(
    struct state_user *user, struct state_attempt ended[STATE_ATTEMPTS_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < STATE_ATTEMPTS_MAX; i++) {
		struct state_attempt *a = &user->attempts[i];
		struct process p = { .pid = a->pid, .start = a->pid_start };

		memcpy(p.boot, a->boot, sizeof(p.boot));
		if (a->id == 0 || process_lives(&p))
			continue;
		ended[count++] = *a;
		*a = (struct state_attempt){ 0 };
	}
	return count;
}

int
attempt_record(struct trail *trail, const struct state_user *user,
    const struct state_attempt *ended, size_t count, struct err *e)
{
	for (size_t i = 0; i < count; i++) {
		struct trail_record r = { .type = "auth",
			.service = ended[i].service,
			.result = "no",
			.reason = REASON_NO_ACCOUNT,
			.user = user->name,
			.uid = (int64_t)user->uid,
			.real_uid = -1,
			.source = ended[i].source,
			.pid = ended[i].pid,
			.audit_session = -1,
			.attempt = ended[i].id,
			.event_wall_ns = ended[i].begun * CLOCK_NS_PER_SECOND };

		if (trail_note(trail, &r, e) == -1)
			return -1;
	}
	return 0;
}
