/*
 * What a source delivers, as text: tool_review_dump URL NOW [CONFIG NAME].
 */
#include <stdio.h>
#include <stdlib.h>

#include "review/config.h"
#include "review/source.h"
#include "tests/review_sink.h"

int
main(int argc, char **argv)
{
	struct text_sink s =
	    text_sink_new(argc > 2 ? strtoll(argv[2], NULL, 10) : 0);
	struct source_settings settings;
	const struct source_type *type;
	struct review_config *config;
	struct err e = { 0 };
	int result = EXIT_FAILURE;

	if (argc < 3) {
		fprintf(
		    stderr, "usage: tool_review_dump SOURCE NOW [CONFIG]\n");
		return 2;
	}
	config = config_load(argc > 3 ? argv[3] : "/nonexistent", argc > 3, &e);
	if (config != NULL &&
	    config_source(config, argv[1], &settings, &e) == 0 &&
	    (type = source_type(settings.url, &e)) != NULL &&
	    type->pull(&settings, &s.sink, &e) == 0)
		result = EXIT_SUCCESS;
	fputs(buf_string(&s.lines), stdout);
	if (result != EXIT_SUCCESS)
		fprintf(stderr, "tool_review_dump: %s\n", e.text);
	buf_free(&s.lines);
	config_free(&config);
	return result;
}
