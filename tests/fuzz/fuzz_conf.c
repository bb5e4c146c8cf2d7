/*
 * reeve.conf, and one line of it as a PAM argument. What is accepted is
 * printed, and what is printed is accepted and means the same.
 */
#include <stdlib.h>
#include <string.h>

#include "pamod/options.h"
#include "schema/base/conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool fact)
{
	if (!fact)
		abort();
}

static void
print_and_read_back(const struct options *options, bool help)
{
	struct buf text = buf_new(CONF_FILE_MAX);
	struct buf again = buf_new(CONF_FILE_MAX);
	struct err e;
	struct options *o = options_new(&e);

	must(o != NULL);
	options_print(options, help, &text);
	must(buf_status(&text, &e) == 0);
	must(conf_parse(o, options_sections, buf_string(&text), text.length,
	         "printed", &e) == 0);
	options_print(o, help, &again);
	must(strcmp(buf_string(&text), buf_string(&again)) == 0);
	options_free(&o);
	buf_free(&text);
	buf_free(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf line = buf_new(CONF_FILE_MAX);
	struct err e = { 0 };
	struct options *o = options_new(&e);
	int result;

	must(o != NULL);
	if (conf_parse(o, options_sections, (const char *)data, size, "fuzz",
	        &e) == 0) {
		print_and_read_back(o, false);
		print_and_read_back(o, true);
	} else {
		must(e.code == ERR_CONFIG && strncmp(e.text, "fuzz", 4) == 0);
	}
	options_free(&o);

	o = options_new(&e);
	must(o != NULL);
	buf_put(&line, data, size < 1024 ? size : 1024);
	result = conf_argument(o, options_sections, buf_string(&line), &e);
	if (result == 1)
		print_and_read_back(o, false);
	must(result != -1 || e.code == ERR_CONFIG);
	options_free(&o);
	buf_free(&line);
	return 0;
}
