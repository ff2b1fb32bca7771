# smstrack: PGXS build. Lists are explicit: a file that is not named here is not built.
EXTENSION  = smstrack
EXTVERSION = 1.0.0

MODULE_big = smstrack
CORE_OBJS = \
	src/core/host.o \
	src/core/host_ascii.o \
	src/core/link.o \
	src/core/link_bare.o \
	src/core/link_char.o \
	src/core/link_code.o \
	src/core/link_end.o \
	src/core/link_guard.o \
	src/core/link_scan.o \
	src/core/link_scheme.o \
	src/core/link_target.o \
	src/core/placeholder.o \
	src/core/tld.o \
	src/core/tld_table.o \
	src/core/utf8.o
SERVER_OBJS = \
	src/fn_link.o \
	src/link_settings.o \
	src/smstrack.o
OBJS       = $(CORE_OBJS) $(SERVER_OBJS)

SQL_PARTS = \
	sql/00-head.sql \
	sql/30-link.sql \
	sql/80-operate.sql

DATA_built = $(EXTENSION)--$(EXTVERSION).sql
DATA       = $(wildcard sql/$(EXTENSION)--*--*.sql)

REGRESS = \
	version \
	links_setup links_scheme links_bare links_end links_not links_languages links_options
REGRESS_OPTS   = --inputdir=test --load-extension=smstrack
ISOLATION      =
ISOLATION_OPTS = --inputdir=test --outputdir=. --load-extension=smstrack
TAP_TESTS      = 1
PROVE_TESTS    = $(wildcard test/t/*.pl)

EXTRA_CLEAN = results output_iso tmp_check log regression.diffs regression.out dist

PG_CONFIG ?= pg_config
# The server's headers as system headers: our warnings are about our code only.
PG_CPPFLAGS = -DSMSTRACK_VERSION=\"$(EXTVERSION)\" -isystem $(shell $(PG_CONFIG) --includedir-server) \
              $(shell pkg-config --cflags icu-uc libcrypto)
PG_CFLAGS   = -Wall -Wextra -Wconversion -Wno-unused-parameter -Werror
SHLIB_LINK  = $(shell pkg-config --libs icu-uc libcrypto)

PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

$(EXTENSION)--$(EXTVERSION).sql: $(SQL_PARTS)
	cat $^ > $@

# A change of any header rebuilds: the tree is small, dependency files are not worth it.
$(OBJS): $(wildcard src/*.h src/core/*.h)
