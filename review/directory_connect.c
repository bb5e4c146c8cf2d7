/*
 * How a directory is reached: the list of servers, TLS, who binds, and what
 * the server says of itself.
 */
#include <errno.h>
#include <sasl/sasl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "review/directory_handle.h"
#include "schema/base/buf.h"
#include "schema/base/enc.h"
#include "schema/base/file.h"
#include "schema/base/secret.h"

#define SYSTEM_CA_FILE "/etc/ssl/certs/ca-certificates.crt"

/* ---- Options: each handle its own, whatever ldap.conf(5) says ---- */

static int
set(LDAP *ld, int option, const void *value, const char *name, struct err *e)
{
	if (ldap_set_option(ld, option, value) != LDAP_OPT_SUCCESS)
		return err_set(e, ERR_SYS, "libldap refuses %s", name);
	return 0;
}

static int
set_number(LDAP *ld, int option, int value, const char *name, struct err *e)
{
	return set(ld, option, &value, name, e);
}

static int
set_general(LDAP *ld, const struct source_settings *s, struct err *e)
{
	struct timeval network = { .tv_sec = s->network_timeout };
	struct timeval answer = { .tv_sec = s->timeout };

	return set_number(ld, LDAP_OPT_PROTOCOL_VERSION, LDAP_VERSION3,
	           "version 3", e) == -1 ||
	        set(ld, LDAP_OPT_REFERRALS, LDAP_OPT_OFF, "referrals off", e) ==
	            -1 ||
	        set(ld, LDAP_OPT_RESTART, LDAP_OPT_ON, "restart", e) == -1 ||
	        set_number(ld, LDAP_OPT_DEREF, LDAP_DEREF_NEVER, "deref", e) ==
	            -1 ||
	        set_number(ld, LDAP_OPT_SIZELIMIT, LDAP_NO_LIMIT, "sizelimit",
	            e) == -1 ||
	        set_number(ld, LDAP_OPT_TIMELIMIT, LDAP_NO_LIMIT, "timelimit",
	            e) == -1 ||
	        set(ld, LDAP_OPT_NETWORK_TIMEOUT, &network, "network timeout",
	            e) == -1 ||
	        set(ld, LDAP_OPT_TIMEOUT, &answer, "timeout", e) == -1
	    ? -1
	    : 0;
}

static int
set_file(
    LDAP *ld, int option, const char *path, const char *name, struct err *e)
{
	if (path[0] == '\0')
		return 0;
	if (access(path, R_OK) == -1)
		return err_sys(e, errno, "%s: %s", name, path);
	return set(ld, option, path, name, e);
}

static int
set_ca(LDAP *ld, const struct source_settings *s, struct err *e)
{
	const char *path = s->ca_file;

	if (path[0] == '\0' && access(SYSTEM_CA_FILE, R_OK) == 0)
		path = SYSTEM_CA_FILE;
	return set_file(ld, LDAP_OPT_X_TLS_CACERTFILE, path, "ca_file", e);
}

/* Reading all CA certificates takes longer than many a search. */
static bool
wants_tls(const char *scheme, const struct source_settings *s)
{
	return strcmp(scheme, "ldaps") == 0 ||
	    (strcmp(scheme, "ldap") == 0 && s->tls != TLS_NONE);
}

static int
set_tls(LDAP *ld, const struct source_settings *s, struct err *e)
{
	if (set_number(ld, LDAP_OPT_X_TLS_REQUIRE_CERT, LDAP_OPT_X_TLS_DEMAND,
	        "certificates demanded", e) == -1 ||
	    set_number(ld, LDAP_OPT_X_TLS_PROTOCOL_MIN,
	        LDAP_OPT_X_TLS_PROTOCOL_TLS1_2, "TLS 1.2", e) == -1 ||
	    set_ca(ld, s, e) == -1 ||
	    set_file(ld, LDAP_OPT_X_TLS_CERTFILE, s->cert_file, "cert_file",
	        e) == -1 ||
	    set_file(ld, LDAP_OPT_X_TLS_KEYFILE, s->key_file, "key_file", e) ==
	        -1)
		return -1;
	/* The last: makes a context of its own out of what was set. */
	if (set_number(ld, LDAP_OPT_X_TLS_NEWCTX, 0, "TLS context", e) == -1)
		return err_in(e, "ca_file, cert_file or key_file");
	return 0;
}

/*
 * A blocking read of half a TLS record would wait for ever; so the socket has
 * a time-out of its own. And no answer is larger than we take.
 */
static int
set_socket(LDAP *ld, const struct source_settings *s, struct err *e)
{
	struct timeval answer = { .tv_sec = s->timeout };
	ber_len_t limit = DIRECTORY_MESSAGE_MAX;
	Sockbuf *buffer = NULL;
	int fd = -1;

	if (ldap_get_option(ld, LDAP_OPT_SOCKBUF, &buffer) !=
	        LDAP_OPT_SUCCESS ||
	    buffer == NULL ||
	    ber_sockbuf_ctrl(buffer, LBER_SB_OPT_SET_MAX_INCOMING, &limit) !=
	        1 ||
	    ldap_get_option(ld, LDAP_OPT_DESC, &fd) != LDAP_OPT_SUCCESS ||
	    fd < 0)
		return err_set(e, ERR_SYS, "libldap gives no socket");
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &answer, sizeof(answer)) ==
	        -1 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &answer, sizeof(answer)) ==
	        -1)
		return err_sys(e, errno, "setsockopt");
	return 0;
}

/* ---- Answers to single operations ---- */

/*
 * Active Directory hides behind invalidCredentials what it knows: "80090308:
 * LdapErr: ..., data 52e, v4563". The meanings are those of winerror.h.
 */
static const struct {
	const char *code;
	const char *text;
} ad_refusals[] = {
	{ "525", "there is no such account" },
	{ "52e", "wrong name or password" },
	{ "52f", "the account may not log on (restriction)" },
	{ "530", "not at this hour" },
	{ "531", "not from this workstation" },
	{ "532", "the password has expired" },
	{ "533", "the account is disabled" },
	{ "568", "the account is in too many groups" },
	{ "701", "the account has expired" },
	{ "773", "the password must be changed first" },
	{ "775", "the account is locked" },
};

static const char *
ad_refusal(const char *diagnostic)
{
	const char *data = strstr(diagnostic, ", data ");
	size_t length;

	if (data == NULL)
		return NULL;
	data += strlen(", data ");
	length = strcspn(data, ", ");
	for (size_t i = 0; i < sizeof(ad_refusals) / sizeof(ad_refusals[0]);
	     i++)
		if (strlen(ad_refusals[i].code) == length &&
		    strncasecmp(ad_refusals[i].code, data, length) == 0)
			return ad_refusals[i].text;
	return NULL;
}

/* What the server said; "" if nothing. The caller frees with ldap_memfree. */
static char *
diagnostic_of(LDAP *ld)
{
	char *text = NULL;

	if (ldap_get_option(ld, LDAP_OPT_DIAGNOSTIC_MESSAGE, &text) !=
	    LDAP_OPT_SUCCESS)
		return NULL;
	return text;
}

int
directory_fault(struct directory *d, int code, const char *doing, struct err *e)
{
	char *text = diagnostic_of(d->ld);
	const char *more = text == NULL ? "" : text;
	const char *explained = ad_refusal(more);

	err_set(e, code == LDAP_NO_MEMORY ? ERR_MEMORY : ERR_SYS,
	    "%s: %s (%d)%s%s%s%s", doing, ldap_err2string(code), code,
	    explained == NULL ? "" : ": ", explained == NULL ? "" : explained,
	    more[0] == '\0' ? "" : ": ", more);
	ldap_memfree(text);
	return -1;
}

int
directory_next(struct directory *d, int id, LDAPMessage **m, struct err *e)
{
	struct timeval timeout = d->timeout;
	int type, code = LDAP_OTHER;

	*m = NULL;
	errno = 0;
	type = ldap_result(d->ld, id, LDAP_MSG_ONE, &timeout, m);
	if (type > 0 && *m != NULL)
		return type;
	d->dead = true;
	if (type == 0)
		return err_set(e, ERR_BUSY, "no answer within %lld s",
		    (long long)d->timeout.tv_sec);
	if (errno == ERANGE)
		return err_set(e, ERR_LIMIT,
		    "an answer is larger than %u bytes", DIRECTORY_MESSAGE_MAX);
	(void)ldap_get_option(d->ld, LDAP_OPT_RESULT_CODE, &code);
	if (code == LDAP_SERVER_DOWN)
		return err_set(e, ERR_SYS, "the connection was lost");
	return directory_fault(d, code, "no usable answer", e);
}

/*
 * Waits for the one answer of an operation; its result code, or -1 with *e.
 * The message, if wanted, is the caller's.
 */
static int
answer(struct directory *d, int id, LDAPMessage **wanted, struct err *e)
{
	LDAPMessage *m = NULL;
	char *text = NULL;
	int code = LDAP_OTHER;

	if (directory_next(d, id, &m, e) == -1)
		return -1;
	if (ldap_parse_result(d->ld, m, &code, NULL, &text, NULL, NULL, 0) !=
	    LDAP_SUCCESS) {
		ldap_msgfree(m);
		d->dead = true;
		return err_set(e, ERR_FORMAT, "the answer is not well-formed");
	}
	/* directory_fault asks the handle. */
	(void)ldap_set_option(d->ld, LDAP_OPT_DIAGNOSTIC_MESSAGE, text);
	ldap_memfree(text);
	if (wanted != NULL)
		*wanted = m;
	else
		ldap_msgfree(m);
	return code;
}

/* ---- TLS ---- */

static int
start_tls(struct directory *d, struct err *e)
{
	int id, code;

	code = ldap_start_tls(d->ld, NULL, NULL, &id);
	if (code != LDAP_SUCCESS)
		return directory_fault(d, code, "StartTLS", e);
	code = answer(d, id, NULL, e);
	if (code == -1)
		return err_in(e, "StartTLS");
	if (code != LDAP_SUCCESS)
		return directory_fault(d, code, "StartTLS is refused", e);
	code = ldap_install_tls(d->ld);
	if (code != LDAP_SUCCESS)
		return directory_fault(d, code, "TLS", e);
	return 0;
}

static void
describe_tls(struct directory *d)
{
	char *version = NULL, *cipher = NULL;

	(void)ldap_get_option(d->ld, LDAP_OPT_X_TLS_VERSION, &version);
	(void)ldap_get_option(d->ld, LDAP_OPT_X_TLS_CIPHER, &cipher);
	(void)snprintf(d->tls, sizeof(d->tls), "%s %s",
	    version == NULL ? "TLS" : version, cipher == NULL ? "" : cipher);
	ldap_memfree(version);
	ldap_memfree(cipher);
}

static int
secure(struct directory *d, const struct source_settings *s, const char *scheme,
    struct err *e)
{
	if (strcmp(scheme, "ldapi") == 0) {
		(void)strcpy(d->tls, "local socket");
		d->secure = true;
		return 0;
	}
	if (strcmp(scheme, "ldap") == 0) {
		if (s->tls == TLS_NONE) {
			(void)strcpy(d->tls, "none");
			return 0;
		}
		if (start_tls(d, e) == -1)
			return -1;
	}
	if (!ldap_tls_inplace(d->ld))
		return err_set(e, ERR_SYS, "TLS is not in place");
	describe_tls(d);
	d->secure = true;
	return 0;
}

/* ---- Who we are ---- */

/* A credential of systemd.exec(5), or a file. */
static int
secret_path(const char *from, struct buf *path, struct err *e)
{
	static const char prefix[] = "credential:";
	const char *folder, *name;

	if (strncmp(from, prefix, sizeof(prefix) - 1) != 0) {
		buf_put_string(path, from);
		return buf_status(path, e);
	}
	folder = getenv("CREDENTIALS_DIRECTORY");
	name = from + sizeof(prefix) - 1;
	if (folder == NULL)
		return err_set(e, ERR_CONFIG,
		    "secret_file = %s: not started by systemd with that "
		    "credential",
		    from);
	if (name[0] == '\0' || name[0] == '.' || strchr(name, '/') != NULL)
		return err_set(
		    e, ERR_CONFIG, "secret_file = %s: no such name", from);
	buf_printf(path, "%s/%s", folder, name);
	return buf_status(path, e);
}

/* Ours or root's, for nobody else to read. One closing newline is not it. */
static int
read_secret(const struct source_settings *s, struct buf *secret, struct err *e)
{
	struct file_rule rule = { .owner = geteuid(), .forbidden = 077 };
	struct buf path = buf_new(2 * CONFIG_TEXT_MAX);
	int result = -1;

	if (s->secret_file[0] == '\0') {
		err_set(e, ERR_CONFIG, "bind_dn without secret_file");
		goto out;
	}
	if (secret_path(s->secret_file, &path, e) == -1)
		goto out;
	if (file_read_path(buf_string(&path), &rule, secret, e) == -1) {
		if (e->code != ERR_ACCESS || rule.owner == 0)
			goto out;
		rule.owner = 0;
		buf_clear(secret);
		if (file_read_path(buf_string(&path), &rule, secret, e) == -1)
			goto out;
	}
	if (secret->length > 0 && secret->data[secret->length - 1] == '\n')
		secret->length--;
	if (secret->length == 0) {
		/* RFC 4513 section 5.1.2: it would pass as nobody. */
		err_set(e, ERR_CONFIG, "%s: is empty", buf_string(&path));
		goto out;
	}
	result = 0;
out:
	buf_free(&path);
	return result;
}

static int
bind_simple(struct directory *d, const struct source_settings *s, struct err *e)
{
	struct buf secret = buf_new(DIRECTORY_SECRET_MAX);
	struct berval password;
	int id, code, result = -1;

	if (s->bind_dn[0] == '\0') {
		err_set(e, ERR_CONFIG, "auth = simple without bind_dn");
		goto out;
	}
	if (!d->secure && !s->insecure_simple_bind) {
		err_set(e, ERR_CONFIG,
		    "a password is not sent without TLS "
		    "(insecure_simple_bind = yes would allow it)");
		goto out;
	}
	if (read_secret(s, &secret, e) == -1)
		goto out;
	password.bv_val = (char *)secret.data;
	password.bv_len = secret.length;
	code = ldap_sasl_bind(
	    d->ld, s->bind_dn, LDAP_SASL_SIMPLE, &password, NULL, NULL, &id);
	if (code == LDAP_SUCCESS && (code = answer(d, id, NULL, e)) == -1)
		goto out;
	if (code != LDAP_SUCCESS) {
		directory_fault(d, code, "bind", e);
		e->code = ERR_ACCESS;
		goto out;
	}
	(void)snprintf(d->identity, sizeof(d->identity), "%s", s->bind_dn);
	result = 0;
out:
	buf_free(&secret);
	return result;
}

static int
bind_anonymous(
    struct directory *d, const struct source_settings *s, struct err *e)
{
	struct berval nothing = { 0, NULL };
	int id, code;

	(void)s;
	code = ldap_sasl_bind(
	    d->ld, "", LDAP_SASL_SIMPLE, &nothing, NULL, NULL, &id);
	if (code == LDAP_SUCCESS && (code = answer(d, id, NULL, e)) == -1)
		return -1;
	if (code != LDAP_SUCCESS)
		return directory_fault(d, code, "anonymous bind", e);
	(void)strcpy(d->identity, "anonymous");
	return 0;
}

static int
bind_external(
    struct directory *d, const struct source_settings *s, struct err *e)
{
	char empty[] = "";
	/* Not NULL, which would make the server ask once more. */
	struct berval nothing = { 0, empty };
	int id, code;

	(void)s;
	code =
	    ldap_sasl_bind(d->ld, NULL, "EXTERNAL", &nothing, NULL, NULL, &id);
	if (code == LDAP_SUCCESS && (code = answer(d, id, NULL, e)) == -1)
		return -1;
	if (code != LDAP_SUCCESS) {
		directory_fault(d, code, "SASL EXTERNAL", e);
		e->code = ERR_ACCESS;
		return -1;
	}
	(void)strcpy(d->identity, "SASL EXTERNAL");
	return 0;
}

/* GSSAPI takes its names from the ticket: each question is left open. */
static int
interact(LDAP *ld, unsigned flags, void *defaults, void *in)
{
	(void)ld;
	(void)flags;
	(void)defaults;
	for (sasl_interact_t *i = in; i->id != SASL_CB_LIST_END; i++) {
		i->result = "";
		i->len = 0;
	}
	return LDAP_SUCCESS;
}

/*
 * Inside TLS a DC refuses to sign and seal again, and a hardened one wants to
 * know that the ticket came through this very channel (RFC 5929). Outside,
 * what is read must be signed at least.
 */
static int
bind_gssapi(struct directory *d, const struct source_settings *s, struct err *e)
{
	const char *properties =
	    d->secure ? "none,maxssf=0" : "noanonymous,noplain,minssf=56";
	LDAPMessage *m = NULL;
	const char *mechanism = NULL;
	int id = 0, code;

	(void)s;
	if (set(d->ld, LDAP_OPT_X_SASL_SECPROPS, properties, "SASL properties",
	        e) == -1 ||
	    set(d->ld, LDAP_OPT_X_SASL_NOCANON, LDAP_OPT_ON, "SASL names", e) ==
	        -1 ||
	    (ldap_tls_inplace(d->ld) &&
	        set_number(d->ld, LDAP_OPT_X_SASL_CBINDING,
	            LDAP_OPT_X_SASL_CBINDING_TLS_ENDPOINT, "channel binding",
	            e) == -1))
		return -1;
	/* Each round of the dialogue waits for its answer here. */
	for (int round = 0; round < 16; round++) {
		code = ldap_sasl_interactive_bind(d->ld, NULL, "GSSAPI", NULL,
		    NULL, LDAP_SASL_QUIET, interact, NULL, m, &mechanism, &id);
		ldap_msgfree(m);
		m = NULL;
		if (code != LDAP_SASL_BIND_IN_PROGRESS)
			break;
		if (directory_next(d, id, &m, e) == -1)
			return err_in(e, "GSSAPI");
	}
	ldap_msgfree(m);
	if (code != LDAP_SUCCESS) {
		directory_fault(d, code,
		    code == LDAP_STRONG_AUTH_REQUIRED && d->secure
		        ? "GSSAPI inside TLS (with tls = none it seals by "
		          "itself)"
		        : "GSSAPI",
		    e);
		e->code = ERR_ACCESS;
		return -1;
	}
	(void)strcpy(d->identity, "GSSAPI");
	return 0;
}

static int (*const binds[])(
    struct directory *, const struct source_settings *, struct err *) = {
	[AUTH_ANONYMOUS] = bind_anonymous,
	[AUTH_SIMPLE] = bind_simple,
	[AUTH_EXTERNAL] = bind_external,
	[AUTH_GSSAPI] = bind_gssapi,
};

static int
bind_as(struct directory *d, const struct source_settings *s,
    const char *scheme, struct err *e)
{
	int auth = s->auth;

	if (auth == AUTH_AUTO)
		auth = s->bind_dn[0] != '\0' ? AUTH_SIMPLE
		    : strcmp(scheme, "ldapi") == 0 || s->cert_file[0] != '\0'
		    ? AUTH_EXTERNAL
		    : AUTH_ANONYMOUS;
	return binds[auth](d, s, e);
}

/* ---- What the server says of itself and of us ---- */

/* Operational ones are only given when named. */
static const char *const root_attributes[] = {
	"*",
	"+",
	"namingContexts",
	"defaultNamingContext",
	"schemaNamingContext",
	"configurationNamingContext",
	"rootDomainNamingContext",
	"dnsHostName",
	"dsServiceName",
	"highestCommittedUSN",
	"supportedControl",
	"supportedExtension",
	"supportedCapabilities",
	"supportedSASLMechanisms",
	"vendorName",
	"vendorVersion",
	"objectClass",
	"structuralObjectClass",
	"domainFunctionality",
	"isGlobalCatalogReady",
	"netscapemdsuffix",
	NULL,
};

static int
read_root(struct directory *d, struct err *e)
{
	struct entry_bytes bytes;
	char *attributes[sizeof(root_attributes) / sizeof(root_attributes[0])];
	LDAPMessage *m = NULL;
	int id = 0, code, type = 0;

	/* libldap takes them as its own and leaves them alone. */
	memcpy(attributes, root_attributes, sizeof(attributes));
	code = ldap_search_ext(d->ld, "", LDAP_SCOPE_BASE, "(objectClass=*)",
	    attributes, 0, NULL, NULL, NULL, LDAP_NO_LIMIT, &id);
	if (code != LDAP_SUCCESS)
		return directory_fault(d, code, "root DSE", e);
	for (int n = 0; type != LDAP_RES_SEARCH_RESULT; n++) {
		type = directory_next(d, id, &m, e);
		if (type == -1)
			return err_in(e, "root DSE");
		if (type == LDAP_RES_SEARCH_ENTRY && d->root_message == NULL)
			d->root_message = m;
		else
			ldap_msgfree(m);
		if (n > 16)
			return err_set(
			    e, ERR_FORMAT, "root DSE: the server does not end");
	}
	if (d->root_message == NULL)
		return err_set(
		    e, ERR_SYS, "root DSE: the server shows none to us");
	if (entry_open(d->ld, d->root_message, &bytes, e) == -1 ||
	    entry_read(&d->root, &bytes, false, NULL, e) == -1)
		return err_in(e, "root DSE");
	return 0;
}

/* RFC 4532; a server that doesn't know it leaves what we asked for. */
static int
ask_identity(struct directory *d, struct err *e)
{
	LDAPMessage *m = NULL;
	struct berval *name = NULL;
	int id = 0, code;

	if (!directory_offers(d, "supportedExtension", LDAP_EXOP_WHO_AM_I))
		return 0;
	code = ldap_whoami(d->ld, NULL, NULL, &id);
	if (code != LDAP_SUCCESS)
		return directory_fault(d, code, "Who am I", e);
	code = answer(d, id, &m, e);
	if (code == -1)
		return err_in(e, "Who am I");
	if (code == LDAP_SUCCESS &&
	    ldap_parse_extended_result(d->ld, m, NULL, &name, 0) ==
	        LDAP_SUCCESS &&
	    name != NULL && name->bv_len > 0 &&
	    enc_is_utf8(name->bv_val, name->bv_len))
		(void)snprintf(d->identity, sizeof(d->identity), "%.*s",
		    (int)(name->bv_len < sizeof(d->identity)
		            ? name->bv_len
		            : sizeof(d->identity) - 1),
		    name->bv_val);
	ber_bvfree(name);
	ldap_msgfree(m);
	return 0;
}

const struct entry *
directory_root(const struct directory *d)
{
	return &d->root.entry;
}

static const struct entry_attribute *
root_find(const struct directory *d, const char *name)
{
	for (size_t i = 0; i < d->root.entry.count; i++)
		if (strcasecmp(d->root.entry.attributes[i].name, name) == 0)
			return &d->root.entry.attributes[i];
	return NULL;
}

const char *
directory_root_value(const struct directory *d, const char *name)
{
	const struct entry_attribute *a = root_find(d, name);

	return a == NULL || a->count == 0 ? NULL : a->values[0].data;
}

bool
directory_offers(
    const struct directory *d, const char *attribute, const char *oid)
{
	const struct entry_attribute *a = root_find(d, attribute);

	for (size_t i = 0; a != NULL && i < a->count; i++)
		if (strcmp(a->values[i].data, oid) == 0)
			return true;
	return false;
}

/* ---- One server, and the list of them ---- */

/* scheme://host[:port] and no more; no password can be in it. */
static int
check_url(const char *url, char *scheme, size_t size, struct err *e)
{
	LDAPURLDesc *parts = NULL;
	int result = -1;

	if (strpbrk(url, " @?") != NULL ||
	    ldap_url_parse(url, &parts) != LDAP_URL_SUCCESS)
		return err_set(e, ERR_CONFIG, "not an LDAP URL");
	if (parts->lud_dn != NULL && parts->lud_dn[0] != '\0')
		err_set(e, ERR_CONFIG, "a DN in the URL belongs into base");
	else if (strchr(url, ',') != NULL)
		err_set(e, ERR_CONFIG, "more servers belong into servers");
	else if (strcmp(parts->lud_scheme, "ldap") != 0 &&
	    strcmp(parts->lud_scheme, "ldaps") != 0 &&
	    strcmp(parts->lud_scheme, "ldapi") != 0)
		err_set(e, ERR_CONFIG, "not ldap://, ldaps:// or ldapi://");
	else {
		(void)snprintf(scheme, size, "%s", parts->lud_scheme);
		result = 0;
	}
	ldap_free_urldesc(parts);
	return result;
}

static int
open_one(struct directory **out, const struct source_settings *s,
    const char *url, struct err *e)
{
	struct directory *d = calloc(1, sizeof(*d));
	char scheme[8];
	int code;

	if (d == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	d->clock = clock_system();
	d->timeout.tv_sec = s->timeout;
	(void)snprintf(d->url, sizeof(d->url), "%s", url);
	if (check_url(url, scheme, sizeof(scheme), e) == -1)
		goto out;
	code = ldap_initialize(&d->ld, url);
	if (code != LDAP_SUCCESS) {
		err_set(e, ERR_CONFIG, "%s", ldap_err2string(code));
		goto out;
	}
	if (set_general(d->ld, s, e) == -1 ||
	    (wants_tls(scheme, s) && set_tls(d->ld, s, e) == -1))
		goto out;
	code = ldap_connect(d->ld);
	if (code != LDAP_SUCCESS) {
		directory_fault(d, code, "connect", e);
		goto out;
	}
	if (set_socket(d->ld, s, e) == -1 || secure(d, s, scheme, e) == -1 ||
	    bind_as(d, s, scheme, e) == -1 || read_root(d, e) == -1 ||
	    ask_identity(d, e) == -1)
		goto out;
	*out = d;
	return 0;
out:
	directory_close(&d);
	return -1;
}

/* Another server may do better; a refusal or our own settings stay. */
static bool
worth_another(const struct err *e)
{
	return e->code != ERR_ACCESS && e->code != ERR_CONFIG &&
	    e->code != ERR_MEMORY && e->code != ERR_MISSING;
}

int
directory_open(struct directory **out, const struct source_settings *s,
    const char *url, struct err *e)
{
	const char *next = url == NULL ? s->url : url;
	const char *word = NULL;
	struct buf all = buf_new(ERR_TEXT_SIZE * 20);
	int result = -1;

	*out = NULL;
	while (next != NULL) {
		e->code = ERR_NONE;
		result = open_one(out, s, next, e);
		if (result == 0)
			break;
		err_in(e, "%s", next);
		buf_printf(&all, "%s%s", all.length == 0 ? "" : "; ", e->text);
		if (url != NULL || !worth_another(e))
			break;
		word = conf_list_next(&s->servers, word);
		next = word;
	}
	if (result == -1)
		err_set(e, e->code, "%s", buf_string(&all));
	buf_free(&all);
	return result;
}

void
directory_close(struct directory **d)
{
	if (*d == NULL)
		return;
	entry_free(&(*d)->root);
	entry_free(&(*d)->room);
	ldap_msgfree((*d)->root_message);
	if ((*d)->ld != NULL)
		(void)ldap_unbind_ext((*d)->ld, NULL, NULL);
	free(*d);
	*d = NULL;
}

const char *
directory_url(const struct directory *d)
{
	return d->url;
}

const char *
directory_tls(const struct directory *d)
{
	return d->tls;
}

const char *
directory_identity(const struct directory *d)
{
	return d->identity;
}
