/*
 * The trail's words for why somebody was refused; pam_reeve(8) lists them.
 */
#ifndef PAMOD_REASON_H
#define PAMOD_REASON_H

#define REASON_ACCOUNT_IDLE     "account-idle"
#define REASON_CANT_ASK         "cant-ask"
#define REASON_DENYLIST         "denylist"
#define REASON_DENYLIST_INVALID "denylist-invalid"
#define REASON_ERROR            "error"
#define REASON_HOURS            "hours"
#define REASON_KEY_ONLY         "key-only"
#define REASON_KINDS            "too-few-kinds"
#define REASON_LOOKUP           "name-service"
#define REASON_NETWORK          "network"
#define REASON_NO_ACCOUNT       "not-completed"
#define REASON_NO_AUTH          "no-auth"
#define REASON_NO_RESERVE       "no-reserve-line"
#define REASON_NO_STEPUP        "no-stepup"
#define REASON_NO_VERDICT       "no-verdict"
#define REASON_NOT_ENROLLED     "not-enrolled"
#define REASON_REPLAYED         "replayed-code"
#define REASON_SAME_FACTOR      "same-factor"
#define REASON_SERVICE          "service-not-listed"
#define REASON_SERVICE_ACCOUNT  "service-account"
#define REASON_SESSIONS         "sessions"
#define REASON_THROTTLED        "throttled"
#define REASON_UNKNOWN_USER     "unknown-user"
#define REASON_WRONG_CODE       "wrong-code"

/* A result, beside "yes" and "no": over before there was a guess. */
#define RESULT_ABANDONED "abandoned"

#endif
