# Reeve's build: plain GNU make. "make help" lists what it can do.
#
# Each variant (asan, fuzz, coverage, bench) builds in a folder of its own
# below build/. CFLAGS, CPPFLAGS and LDFLAGS are the user's; what the code
# needs is in the REEVE_ ones.

VERSION := 0.1.0

prefix ?= /usr/local
exec_prefix ?= $(prefix)
bindir ?= $(exec_prefix)/bin
sbindir ?= $(exec_prefix)/sbin
datarootdir ?= $(prefix)/share
mandir ?= $(datarootdir)/man
localedir ?= $(datarootdir)/locale
docdir ?= $(datarootdir)/doc/reeve
pkgdatadir ?= $(datarootdir)/reeve
completionsdir ?= $(datarootdir)/bash-completion/completions
pamdir ?= $(exec_prefix)/lib/security
unitdir ?= $(exec_prefix)/lib/systemd/system
sysconfdir ?= /etc
localstatedir ?= /var
runstatedir ?= /run

INSTALL ?= install
PKG_CONFIG ?= pkg-config
BUILD ?= build/release
CFLAGS ?= -O2 -g

ifneq ($(V),1)
Q := @
say = @echo '  $(1) $@'
endif

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion \
	-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
	-Wpointer-arith -Wcast-qual -Wwrite-strings -Wformat=2 -Wundef \
	-Wvla -Wimplicit-fallthrough -Wno-overlength-strings
ifeq ($(WERROR),1)
WARN += -Werror
endif
# Zeroed locals where the compiler knows how (clang 14 wants a second flag).
zero_init := $(shell $(CC) -ftrivial-auto-var-init=zero -E -x c /dev/null \
	>/dev/null 2>&1 && echo -ftrivial-auto-var-init=zero)
HARDEN ?= -fstack-protector-strong -fstack-clash-protection \
	-fcf-protection=full $(zero_init) \
	-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
HARDEN_LD ?= -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack \
	-Wl,--as-needed -Wl,-z,defs

REEVE_CPPFLAGS := -I. -I$(BUILD)/gen -D_GNU_SOURCE \
	-DREEVE_VERSION='"$(VERSION)"' \
	-DREEVE_SYSCONFDIR='"$(sysconfdir)"' \
	-DREEVE_LOCALSTATEDIR='"$(localstatedir)"' \
	-DREEVE_RUNSTATEDIR='"$(runstatedir)"' \
	-DREEVE_PKGDATADIR='"$(pkgdatadir)"' \
	-DREEVE_LOCALEDIR='"$(localedir)"'
xml2_cppflags = $(shell $(PKG_CONFIG) --cflags libxml-2.0)
# Every digest and cipher through EVP, whatever it costs: schema/base/digest.h.
ifeq ($(FIPS),1)
REEVE_CPPFLAGS += -DREEVE_FIPS
endif
# Where it was built is not in what was built.
REEVE_CFLAGS = -std=c11 -fPIC -fvisibility=hidden $(WARN) $(HARDEN) \
	-ffile-prefix-map=$(CURDIR)=. $(VARIANT_CFLAGS)
REEVE_LDFLAGS := $(HARDEN_LD) $(VARIANT_CFLAGS)
compile = $(CC) $(REEVE_CPPFLAGS) $(CPPFLAGS) $(REEVE_CFLAGS) $(CFLAGS) \
	-MMD -MP
link = $(CC) $(REEVE_CFLAGS) $(CFLAGS) $(REEVE_LDFLAGS) $(LDFLAGS)

# Layers: tests -> pamod, review -> schema -> schema/base (tests/check-layers).
# A folder is a prerequisite, so that a removed file leaves the result.
base_src := $(wildcard schema/base/*.c)
schema_src := $(wildcard schema/*.c)
reevectl_src := $(wildcard pamod/reevectl*.c)
module_src := pamod/pam_reeve.c pamod/convo.c
pamod_src := $(filter-out $(reevectl_src) $(module_src),$(wildcard pamod/*.c))
review_src := $(filter-out review/main.c,$(wildcard review/*.c))
embedded := schema/store.sql contrib/trail-verify.py \
	$(wildcard schema/VERIFY*.txt schema/*.xml schema/*.xsd review/sql/*.sql) \
	$(wildcard review/rules/*.sql review/page/* reports/*)
# Tests of the review program are linked with its libraries, others without.
test_src := $(filter-out tests/test_review_%,$(wildcard tests/test_*.c))
review_test_src := $(wildcard tests/test_review_*.c)
fuzz_src := $(wildcard tests/fuzz/fuzz_*.c)
bench_src := $(wildcard tests/bench/bench_*.c)
tool_src := $(filter-out tests/tool_review_%,$(wildcard tests/tool_*.c))
review_tool_src := $(wildcard tests/tool_review_*.c)

obj = $(patsubst %.c,$(BUILD)/%.o,$(1))
schema_a := $(BUILD)/schema.a
pamod_a := $(BUILD)/pamod.a
module := $(BUILD)/pam_reeve.so
reevectl := $(BUILD)/reevectl
review_a := $(BUILD)/review.a
reeve := $(BUILD)/reeve
review_tests := $(patsubst tests/%.c,$(BUILD)/tests/%,$(review_test_src) \
	$(review_tool_src))
tests := $(patsubst tests/%.c,$(BUILD)/tests/%,$(test_src) $(tool_src))
fuzzers := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(fuzz_src))
faults := $(BUILD)/tests/fault_preload.so
benches := $(patsubst tests/bench/%.c,$(BUILD)/bench/%,$(bench_src))
messages := $(patsubst po/%.po,$(BUILD)/locale/%/LC_MESSAGES/reeve.mo,$(wildcard po/*.po))
manuals := $(wildcard schema/*.[578] pamod/*.[578] review/*.[1578])
rules_manual := $(BUILD)/gen/reeve-rules.7
# Of other languages: LANGUAGE/NAME.SECTION.
rules_manuals_of_others := $(patsubst po/%.in,$(BUILD)/gen/%,$(wildcard po/*/*.7.in))
manuals_of_others := $(wildcard po/*/*.[1578]) $(rules_manuals_of_others)

# The module links no more than this (tests/check-module holds it to that).
# Up to glibc 2.33 dlopen(3) is in libdl.
module_libs := -lpam -linih -lcrypto -lcrypt -ldl
reevectl_libs := -linih -lcrypto -lcrypt -lqrencode -ldl
review_libs = -lldap -llber -lsqlite3 -lxlsxwriter -lzip -lxslt -lxml2 -linih -lcrypto -lm
check_libs = $(shell $(PKG_CONFIG) --libs check)

all: host $(reeve) $(rules_manual) $(rules_manuals_of_others)

# What a guarded host needs; the review machine's libraries are not wanted.
host: $(module) $(reevectl) $(messages)

help:
	@echo 'make                 module, reevectl and reeve, in $(BUILD)'
	@echo 'make host            the module and reevectl alone'
	@echo 'make demo            the whole loop on private servers (root);'
	@echo '                     STEP=1 waits at each step'
	@echo 'make check           all tests, on private servers (root);'
	@echo '                     installs what they need (DEPS=no: refuses)'
	@echo 'make unit            the unit tests alone'
	@echo 'make soak            the hostile tests in full length'
	@echo 'make bench           measurements beside the peers'
	@echo 'make lint            headers, layers, manuals, shell, analysers'
	@echo 'make asan            with sanitizers, in build/asan'
	@echo 'make coverage        what the unit tests run of each file, least'
	@echo '                     first, also in build/coverage/coverage.txt'
	@echo 'make fuzz            libFuzzer programs, in build/fuzz'
	@echo 'make format          clang-format over everything'
	@echo 'make pot|po          texts for translators; update po/*.po'
	@echo 'make install         DESTDIR, prefix, pamdir, sysconfdir'
	@echo 'make clean           removes build/'
	@echo 'V=1 shows commands; WERROR=1 makes warnings errors; CC=clang'
	@echo 'FIPS=1: digests and ciphers only through libcrypto providers'

$(BUILD)/%.o: %.c
	$(call say,CC )
	$(Q)mkdir -p $(@D)
	$(Q)$(compile) -c -o $@ $<

# Tests build texts and files out of pieces, which clang calls suspicious.
$(BUILD)/tests/%.o: WARN += -Wno-string-plus-int -Wno-string-concatenation \
	-Wno-format-nonliteral

$(schema_a): $(call obj,$(base_src) $(schema_src)) schema schema/base
	$(call say,AR )
	$(Q)rm -f $@ && $(AR) rcs $@ $(filter %.o,$^)

$(pamod_a): $(call obj,$(pamod_src)) pamod
	$(call say,AR )
	$(Q)rm -f $@ && $(AR) rcs $@ $(filter %.o,$^)

$(module): $(call obj,$(module_src)) $(pamod_a) $(schema_a) pamod/module.map
	$(call say,LD )
	$(Q)$(link) -shared -Wl,--version-script=pamod/module.map -o $@ \
		$(call obj,$(module_src)) $(pamod_a) $(schema_a) $(module_libs)

$(reevectl): $(call obj,$(reevectl_src)) $(pamod_a) $(schema_a)
	$(call say,LD )
	$(Q)$(link) -o $@ $(call obj,$(reevectl_src)) $(pamod_a) $(schema_a) \
		$(reevectl_libs)

$(BUILD)/gen/embedded_files.c: review/embed.awk $(embedded) review/sql \
	    review/rules review/page reports schema
	$(call say,GEN)
	$(Q)mkdir -p $(@D)
	$(Q)awk -f review/embed.awk $(sort $(embedded)) >$@

# The manual of the rules is made of their headers.
$(rules_manual): review/reeve-rules.7.in
$(rules_manuals_of_others): $(BUILD)/gen/%: po/%.in
$(rules_manual) $(rules_manuals_of_others): review/reeve-rules.awk \
	    schema/controls.xml $(wildcard review/rules/*.sql) review/rules
	$(call say,GEN)
	$(Q)mkdir -p $(@D)
	$(Q)LC_ALL=C awk -f review/reeve-rules.awk $(filter %.in,$^) \
		schema/controls.xml $(sort $(filter %.sql,$^)) >$@

$(BUILD)/gen/%.o: $(BUILD)/gen/%.c
	$(call say,CC )
	$(Q)$(compile) -c -o $@ $<

$(BUILD)/review/%.o $(BUILD)/tests/test_review_%.o \
    $(BUILD)/tests/bench/bench_review_%.o: REEVE_CPPFLAGS += $(xml2_cppflags)

$(review_a): $(call obj,$(review_src)) $(BUILD)/gen/embedded_files.o review
	$(call say,AR )
	$(Q)rm -f $@ && $(AR) rcs $@ $(filter %.o,$^)

$(reeve): $(BUILD)/review/main.o $(review_a) $(schema_a)
	$(call say,LD )
	$(Q)$(link) -o $@ $< $(review_a) $(schema_a) $(review_libs)

$(review_tests): $(BUILD)/tests/%: $(BUILD)/tests/%.o $(review_a) $(schema_a)
	$(call say,LD )
	$(Q)$(link) -o $@ $< $(review_a) $(schema_a) $(check_libs) $(review_libs)

$(BUILD)/tests/%: $(BUILD)/tests/%.o $(pamod_a) $(schema_a)
	$(call say,LD )
	$(Q)$(link) -o $@ $< $(pamod_a) $(schema_a) $(check_libs) \
		-lpam $(reevectl_libs)

# Stands apart: it replaces functions that the flags above would rewrite.
$(faults): tests/fault_preload.c
	$(call say,LD )
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=c11 -D_GNU_SOURCE -O1 -g -fPIC -fno-builtin -Wall -Wextra \
		-U_FORTIFY_SOURCE -shared -o $@ $<

# Without a fuzzer, a target is linked with a main that replays its corpus.
review_fuzzers := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,\
	$(wildcard tests/fuzz/fuzz_review_*.c))
$(review_fuzzers): $(BUILD)/fuzz/%: $(BUILD)/tests/fuzz/%.o $(FUZZ_MAIN) \
    $(review_a) $(schema_a)
	$(call say,LD )
	$(Q)mkdir -p $(@D)
	$(Q)$(link) $(FUZZ_LDFLAGS) -o $@ $< $(FUZZ_MAIN) $(review_a) \
		$(schema_a) $(review_libs)

$(BUILD)/fuzz/%: $(BUILD)/tests/fuzz/%.o $(FUZZ_MAIN) $(pamod_a) $(schema_a)
	$(call say,LD )
	$(Q)mkdir -p $(@D)
	$(Q)$(link) $(FUZZ_LDFLAGS) -o $@ $< $(FUZZ_MAIN) $(pamod_a) \
		$(schema_a) -lpam $(reevectl_libs)

$(BUILD)/bench/bench_review_%: $(BUILD)/tests/bench/bench_review_%.o \
    $(review_a) $(schema_a)
	$(call say,LD )
	$(Q)mkdir -p $(@D)
	$(Q)$(link) -o $@ $< $(review_a) $(schema_a) $(BENCH_LIBS) $(review_libs)

$(BUILD)/bench/%: $(BUILD)/tests/bench/%.o $(pamod_a) $(schema_a)
	$(call say,LD )
	$(Q)mkdir -p $(@D)
	$(Q)$(link) -o $@ $< $(pamod_a) $(schema_a) -lpam $(BENCH_LIBS) $(reevectl_libs)

FUZZ_MAIN ?= $(BUILD)/tests/fuzz/replay.o
$(fuzzers): $(FUZZ_MAIN)

$(BUILD)/locale/%/LC_MESSAGES/reeve.mo: po/%.po
	$(call say,MO )
	$(Q)mkdir -p $(@D) && msgfmt --check -o $@ $<

# The texts for people, for translators; "make po" brings the catalogues up.
POT ?= po/reeve.pot
pot:
	$(Q)xgettext --from-code=UTF-8 --package-name=reeve --sort-by-file \
		--add-location=file -kN_ -k_ -kP_:1,2 -kconvo_tell:3 \
		-kconvo_ask:2 -kcheck_tell:6 --flag=convo_tell:3:c-format \
		-o $(POT) $(wildcard pamod/*.c review/*.c)

po: pot
	$(Q)for p in $(wildcard po/*.po); do \
		msgmerge --quiet --update --backup=none --no-fuzzy-matching \
		$$p $(POT) || exit 1; done

programs: all tests $(fuzzers)

# The tests. tests/run installs packages, runs everything, and counts.
check:
	MAKE_LINE="make $@" tests/run check

unit: tests
	tests/run unit

soak:
	MAKE_LINE="make $@" tests/run soak

demo:
	MAKE_LINE="make $@" tests/demo

bench:
	MAKE_LINE="make $@" tests/bench/run

asan:
	$(MAKE) BUILD=build/asan HARDEN= HARDEN_LD= CFLAGS='-O1 -g' \
		VARIANT_CFLAGS='-fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=all' programs

coverage:
	$(MAKE) BUILD=build/coverage HARDEN= CFLAGS='-O0 -g' \
		VARIANT_CFLAGS='--coverage' all tests
	tests/run coverage

fuzz:
	$(MAKE) BUILD=build/fuzz CC=clang HARDEN= HARDEN_LD= CFLAGS='-O1 -g' \
		VARIANT_CFLAGS='-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all' \
		FUZZ_MAIN= FUZZ_LDFLAGS=-fsanitize=fuzzer fuzzers

fuzzers: $(fuzzers)
tests: $(tests) $(review_tests) $(faults)
benches: $(benches)

lint:
	tests/lint

format:
	clang-format -i $(wildcard schema/*.[ch] schema/base/*.[ch] \
		pamod/*.[ch] review/*.[ch] tests/*.[ch] tests/*/*.[ch])

install: all
	$(INSTALL) -d $(DESTDIR)$(pamdir) $(DESTDIR)$(sbindir) \
		$(DESTDIR)$(bindir) $(DESTDIR)$(mandir)/man1 \
		$(DESTDIR)$(mandir)/man7 \
		$(DESTDIR)$(mandir)/man5 $(DESTDIR)$(mandir)/man8 \
		$(DESTDIR)$(completionsdir) $(DESTDIR)$(docdir)/examples \
		$(DESTDIR)$(unitdir)
	@# Whole or not at all: whoever logs in meanwhile meets no half of it.
	$(INSTALL) -m 644 $(module) $(DESTDIR)$(pamdir)/pam_reeve.so.new
	mv -f $(DESTDIR)$(pamdir)/pam_reeve.so.new $(DESTDIR)$(pamdir)/pam_reeve.so
	$(INSTALL) -m 755 $(reevectl) $(DESTDIR)$(sbindir)/reevectl
	$(INSTALL) -m 755 $(reeve) $(DESTDIR)$(bindir)/reeve
	$(INSTALL) -m 755 contrib/review/reeve-deliver $(DESTDIR)$(sbindir)/
	for m in $(manuals) $(rules_manual); do $(INSTALL) -m 644 $$m \
		$(DESTDIR)$(mandir)/man$${m##*.}/ || exit 1; done
	for m in $(manuals_of_others); do l=$${m%/*}; $(INSTALL) -D -m 644 $$m \
		$(DESTDIR)$(mandir)/$${l##*/}/man$${m##*.}/$${m##*/} || exit 1; done
	for m in $(patsubst po/%.po,%,$(wildcard po/*.po)); do \
		$(INSTALL) -D -m 644 $(BUILD)/locale/$$m/LC_MESSAGES/reeve.mo \
		$(DESTDIR)$(localedir)/$$m/LC_MESSAGES/reeve.mo || exit 1; done
	for f in $(wildcard contrib/completion/*); do $(INSTALL) -m 644 $$f \
		$(DESTDIR)$(completionsdir)/ || exit 1; done
	for u in $(wildcard contrib/systemd/*); do \
		sed -e 's,/usr/local/sbin/,$(sbindir)/,' \
			-e 's,/usr/local/bin/,$(bindir)/,' $$u \
			>$(DESTDIR)$(unitdir)/$${u##*/} && \
		chmod 644 $(DESTDIR)$(unitdir)/$${u##*/} || exit 1; done
	cp -R contrib/. $(DESTDIR)$(docdir)/examples/

uninstall:
	rm -f $(DESTDIR)$(pamdir)/pam_reeve.so $(DESTDIR)$(sbindir)/reevectl \
		$(DESTDIR)$(sbindir)/reeve-deliver $(DESTDIR)$(bindir)/reeve
	for m in $(manuals) $(rules_manual); do \
		rm -f $(DESTDIR)$(mandir)/man$${m##*.}/$${m##*/}; done
	for m in $(manuals_of_others); do l=$${m%/*}; \
		rm -f $(DESTDIR)$(mandir)/$${l##*/}/man$${m##*.}/$${m##*/}; done
	rm -f $(DESTDIR)$(completionsdir)/reevectl \
		$(DESTDIR)$(completionsdir)/reeve
	rm -f $(DESTDIR)$(localedir)/*/LC_MESSAGES/reeve.mo
	for u in $(wildcard contrib/systemd/*); do \
		rm -f $(DESTDIR)$(unitdir)/$${u##*/}; done
	rm -rf $(DESTDIR)$(docdir)

clean:
	rm -rf build

.PHONY: all host help programs check unit soak demo bench asan coverage fuzz \
	fuzzers tests benches lint format pot po install uninstall clean
.SECONDARY:
.DELETE_ON_ERROR:

-include $(shell test -d $(BUILD) && find $(BUILD) -name '*.d')
