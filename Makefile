# smstrack: PGXS build. Lists are explicit: a file that is not named here is not built.
EXTENSION  = smstrack
EXTVERSION = 1.0.0

MODULE_big = smstrack
CORE_OBJS = \
	src/core/agent.o \
	src/core/allot.o \
	src/core/arms.o \
	src/core/attribution.o \
	src/core/beta.o \
	src/core/burst.o \
	src/core/clean.o \
	src/core/code.o \
	src/core/country.o \
	src/core/digest.o \
	src/core/currency.o \
	src/core/decide.o \
	src/core/decimal.o \
	src/core/draw.o \
	src/core/e164.o \
	src/core/ff1.o \
	src/core/gauss.o \
	src/core/gsm7.o \
	src/core/hit.o \
	src/core/host.o \
	src/core/host_ascii.o \
	src/core/host_script.o \
	src/core/interval.o \
	src/core/iso_time.o \
	src/core/keys.o \
	src/core/link.o \
	src/core/link_bare.o \
	src/core/link_char.o \
	src/core/link_code.o \
	src/core/link_end.o \
	src/core/link_guard.o \
	src/core/link_scan.o \
	src/core/link_scheme.o \
	src/core/link_target.o \
	src/core/national.o \
	src/core/national_table.o \
	src/core/normals.o \
	src/core/placeholder.o \
	src/core/postback.o \
	src/core/ratio.o \
	src/core/segment.o \
	src/core/segment_alphabet.o \
	src/core/segment_measure.o \
	src/core/segment_part.o \
	src/core/smart.o \
	src/core/smart_table.o \
	src/core/template.o \
	src/core/tld.o \
	src/core/tld_table.o \
	src/core/token.o \
	src/core/tracking_script.o \
	src/core/utf8.o \
	src/core/value.o
SERVER_OBJS = \
	src/alias.o \
	src/allotment.o \
	src/asked_setting.o \
	src/audience.o \
	src/body.o \
	src/body_template.o \
	src/batch.o \
	src/campaign.o \
	src/campaign_use.o \
	src/catalog.o \
	src/citus.o \
	src/conversion.o \
	src/conversion_item.o \
	src/decision.o \
	src/domain.o \
	src/domain_choice.o \
	src/domain_code.o \
	src/experiment.o \
	src/experiment_count.o \
	src/far_rows.o \
	src/fields.o \
	src/fn_campaign.o \
	src/fn_code.o \
	src/fn_attribute.o \
	src/fn_convert.o \
	src/fn_convert_batch.o \
	src/fn_decide.o \
	src/fn_distribute.o \
	src/fn_domain.o \
	src/fn_handover.o \
	src/fn_hit.o \
	src/fn_launch.o \
	src/fn_link.o \
	src/fn_maintain.o \
	src/fn_message_id.o \
	src/fn_name.o \
	src/fn_opt_out.o \
	src/fn_person.o \
	src/fn_prepare.o \
	src/fn_postback.o \
	src/fn_preview.o \
	src/fn_reclassify.o \
	src/fn_report.o \
	src/fn_segment.o \
	src/fn_smart.o \
	src/hit_near.o \
	src/hit_partition.o \
	src/fn_tracking_code.o \
	src/hit_settings.o \
	src/hit_source.o \
	src/idempotency.o \
	src/known_agent.o \
	src/launch.o \
	src/launch_rows.o \
	src/launched.o \
	src/link_settings.o \
	src/message.o \
	src/message_id.o \
	src/own_text.o \
	src/message_tally.o \
	src/money.o \
	src/notice.o \
	src/owner_query.o \
	src/person.o \
	src/prepare.o \
	src/prepare_request.o \
	src/price.o \
	src/recipient.o \
	src/record.o \
	src/rejudge.o \
	src/rendering.o \
	src/resolve.o \
	src/reversal.o \
	src/settings.o \
	src/shared_message.o \
	src/smstrack.o \
	src/store.o \
	src/store_alias.o \
	src/store_attribute.o \
	src/store_change.o \
	src/store_clicker.o \
	src/store_conversion.o \
	src/store_forget.o \
	src/store_conversion_tally.o \
	src/store_reversal.o \
	src/store_decision.o \
	src/store_handover.o \
	src/store_hit.o \
	src/store_insert.o \
	src/store_launch.o \
	src/store_marks.o \
	src/store_marks_far.o \
	src/store_nodes.o \
	src/store_message.o \
	src/store_plain.o \
	src/store_message_tally.o \
	src/store_opt_out.o \
	src/store_report.o \
	src/store_row.o \
	src/store_table.o \
	src/store_tally.o \
	src/store_user_agent.o \
	src/store_values.o \
	src/tally_slot.o \
	src/verdict.o \
	src/store_trial.o \
	src/store_written.o \
	src/written.o
OBJS       = $(CORE_OBJS) $(SERVER_OBJS)

SQL_PARTS = \
	sql/00-head.sql \
	sql/10-domain.sql \
	sql/20-segment.sql \
	sql/22-smart.sql \
	sql/30-link.sql \
	sql/35-campaign.sql \
	sql/40-message.sql \
	sql/42-preview.sql \
	sql/44-launch.sql \
	sql/46-handover.sql \
	sql/48-opt-out.sql \
	sql/50-hit.sql \
	sql/55-tally.sql \
	sql/56-message-tally.sql \
	sql/57-upkeep.sql \
	sql/60-conversion.sql \
	sql/61-conversion-tally.sql \
	sql/62-convert.sql \
	sql/63-site.sql \
	sql/65-alias.sql \
	sql/66-person.sql \
	sql/67-names.sql \
	sql/67-distribute.sql \
	sql/70-report.sql \
	sql/71-live.sql \
	sql/71-live-hit.sql \
	sql/71-live-money.sql \
	sql/72-decide.sql \
	sql/73-report-cache.sql \
	sql/74-report-use.sql \
	sql/78-sample.sql \
	sql/79-account.sql \
	sql/80-operate.sql \
	sql/82-copy.sql \
	sql/85-check.sql \
	sql/90-register.sql

DATA_built = $(EXTENSION)--$(EXTVERSION).sql
# Upgrade scripts, and the install scripts of released versions: sql/smstrack--*.sql is frozen.
DATA       = $(filter-out sql/$(DATA_built),$(patsubst $(srcdir)/%,%,$(wildcard $(srcdir)/sql/$(EXTENSION)--*.sql)))

REGRESS = \
	altered_table \
	codes \
	prepare \
	version \
	wrong_input \
	links_setup \
	links_scheme \
	links_bare \
	links_end \
	links_not \
	links_languages \
	links_options \
	encoding \
	national \
	parts \
	segments_limits \
	smart_encoding \
	campaigns \
	campaign_messages \
	hand_over \
	split_setups
REGRESS_OPTS   = --inputdir=$(srcdir)/test --load-extension=smstrack
ISOLATION = \
	attribution_race \
	audience_dropped \
	bandit_singles \
	campaign_cache \
	conversion_and_hit \
	conversion_and_rejudge \
	conversion_race \
	forget_before \
	forget_cache \
	forget_race \
	decide_twice \
	disable_race \
	first_messages \
	hit_race \
	hit_reclassify \
	hit_replay \
	idempotency_key \
	launch_and_rewrite \
	launch_twice \
	link_domain_cache \
	maintain_race \
	own_rule_cache \
	message_tally \
	parallel_cache \
	recipient_key \
	shared_code \
	source_key \
	takers
ISOLATION_OPTS = --inputdir=$(srcdir)/test --outputdir=. --load-extension=smstrack
# They need IPC::Run; installcheck runs the others where it is not installed.
TAP_TESTS     := $(shell perl -MIPC::Run -e 'print 1' 2>/dev/null)
PROVE_TESTS   ?= $(patsubst $(srcdir)/%,%,$(wildcard $(srcdir)/test/t/*.pl))

EXTRA_CLEAN = redirector/bin test/unit/bin test/fuzz/bin results output_iso tmp_check log \
              regression.diffs regression.out dist

PG_CONFIG ?= pg_config
# The server's headers as system headers: our warnings are about our code only.
PG_CPPFLAGS = -DSMSTRACK_VERSION=\"$(EXTVERSION)\" -isystem $(shell $(PG_CONFIG) --includedir-server) \
              $(shell pkg-config --cflags icu-uc libcrypto)
PG_CFLAGS   = -Wall -Wextra -Wconversion -Wno-unused-parameter -Werror
SHLIB_LINK  = $(shell pkg-config --libs icu-uc libcrypto)

PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

# What differs between servers is known before any file of the server layer.
$(SERVER_OBJS) $(SERVER_OBJS:.o=.bc): override CPPFLAGS += -include $(srcdir)/src/compat.h

$(EXTENSION)--$(EXTVERSION).sql: $(SQL_PARTS)
	cat $^ > $@

# A change of any header rebuilds: the tree is small, dependency files are not worth it.
$(OBJS): $(wildcard $(srcdir)/src/*.h $(srcdir)/src/core/*.h)

# A build elsewhere has folders like the sources', and finds what tests are expected to give.
ifneq ($(realpath $(srcdir)),$(realpath .))
$(shell mkdir -p src/core && ln -sfn $(realpath $(srcdir))/expected expected)
EXTRA_CLEAN += expected
endif

# A program of its own: make redirector, make -C redirector install.
redirector:
	$(MAKE) -C redirector PG_CONFIG=$(PG_CONFIG)

# The archive for PGXN: what is committed, after its META.json was checked.
dist:
	perl script/check-meta META.json
	mkdir -p dist
	git archive --format zip --prefix=$(EXTENSION)-$(EXTVERSION)/ \
		-o dist/$(EXTENSION)-$(EXTVERSION).zip HEAD

.PHONY: redirector dist
