/* The conversation through PAM; with pam_reeve.c all that knows PAM. */
#include "pamod/convo.h"

#include <stdlib.h>
#include <string.h>

#include <security/pam_appl.h>
#include <security/pam_ext.h>
#include <security/pam_modules.h>

#include "pamod/convo_pam.h"
#include "schema/base/secret.h"

/* One message to the application; *answer is what came back, or NULL. */
static int
converse(pam_handle_t *pamh, int style, const char *text, char **answer)
{
	const struct pam_conv *conv = NULL;
	const struct pam_message message = { .msg_style = style, .msg = text };
	const struct pam_message *messages = &message;
	struct pam_response *response = NULL;
	int code = pam_get_item(pamh, PAM_CONV, (const void **)&conv);

	*answer = NULL;
	if (code != PAM_SUCCESS)
		return code;
	if (conv == NULL || conv->conv == NULL)
		return PAM_CONV_ERR;
	code = conv->conv(1, &messages, &response, conv->appdata_ptr);
	if (response != NULL) {
		*answer = response->resp;
		free(response);
	}
	if (code != PAM_SUCCESS)
		secret_free_string(answer);
	return code;
}

static int
ask(void *context, const char *prompt, bool echo, char *answer, struct err *e)
{
	int style = echo ? PAM_PROMPT_ECHO_ON : PAM_PROMPT_ECHO_OFF;
	char *given = NULL;
	int code = converse(context, style, prompt, &given);
	size_t length = given == NULL ? 0 : strlen(given);
	int result = -1;

	if (code != PAM_SUCCESS || given == NULL)
		err_set(e, ERR_MISSING, "no answer: %s",
		    pam_strerror(context, code));
	else if (length > CONVO_ANSWER_MAX)
		err_set(e, ERR_LIMIT, "answer too long");
	else {
		memcpy(answer, given, length + 1);
		answer[strcspn(answer, "\r\n")] = '\0';
		result = 0;
	}
	secret_free_string(&given);
	return result;
}

static void
tell(void *context, const char *text, bool is_error)
{
	char *nothing = NULL;

	/* What can't be shown changes no decision. */
	(void)converse(
	    context, is_error ? PAM_ERROR_MSG : PAM_TEXT_INFO, text, &nothing);
	secret_free_string(&nothing);
}

static int
password(void *context, const char **out, struct err *e)
{
	int code = pam_get_authtok(context, PAM_AUTHTOK, out, NULL);

	if (code != PAM_SUCCESS || *out == NULL) {
		*out = NULL;
		return err_set(e, ERR_MISSING, "no password: %s",
		    pam_strerror(context, code));
	}
	return 0;
}

static int
set_password(pam_handle_t *pamh, const char *value, struct err *e)
{
	int code = pam_set_item(pamh, PAM_AUTHTOK, value);

	return code == PAM_SUCCESS
	    ? 0
	    : err_set(e, ERR_SYS, "pam_set_item: %s", pam_strerror(pamh, code));
}

static int
spoil_password(void *context, struct err *e)
{
	/* Control characters that no password set through us can hold. */
	return set_password(context, "\b\n\r\177refused", e);
}

static int
forget_password(void *context, struct err *e)
{
	return set_password(context, NULL, e);
}

struct convo
convo_pam(pam_handle_t *pamh, const char *language)
{
	return (struct convo){ .context = pamh,
		.language = language,
		.ask = ask,
		.tell = tell,
		.password = password,
		.spoil_password = spoil_password,
		.forget_password = forget_password };
}
