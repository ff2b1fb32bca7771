# smstrack: PGXS build. Lists are explicit: a file that is not named here is not built.
EXTENSION  = smstrack
EXTVERSION = 1.0.0

MODULE_big = smstrack
CORE_OBJS = \
	src/core/gsm7.o \
	src/core/national.o \
	src/core/national_table.o \
	src/core/segment.o \
	src/core/segment_alphabet.o \
	src/core/segment_measure.o \
	src/core/segment_part.o \
	src/core/smart.o \
	src/core/smart_table.o \
	src/core/utf8.o
SERVER_OBJS = \
	src/body.o \
	src/fn_segment.o \
	src/fn_smart.o \
	src/smstrack.o
OBJS       = $(CORE_OBJS) $(SERVER_OBJS)

SQL_PARTS = \
	sql/00-head.sql \
	sql/20-segment.sql \
	sql/22-smart.sql \
	sql/80-operate.sql

DATA_built = $(EXTENSION)--$(EXTVERSION).sql
DATA       = $(wildcard sql/$(EXTENSION)--*--*.sql)

REGRESS = \
	encoding \
	national \
	parts \
	segments_limits \
	smart_encoding \
	version
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
