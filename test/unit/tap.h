/* Prints the Test Anything Protocol: the little that the unit tests need. */
#ifndef TAP_H
#define TAP_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int tap_run;
static int tap_failed;

/* Reports one check; the name says what holds. */
static inline bool
ok(bool good, const char *name)
{
	tap_run++;
	tap_failed += !good;
	printf("%s %d - %s\n", good ? "ok" : "not ok", tap_run, name);
	return good;
}

static inline bool
is_int(long long got, long long want, const char *name)
{
	if (!ok(got == want, name))
		printf("#   got: %lld\n#  want: %lld\n", got, want);
	return got == want;
}

static inline bool
is_str(const char *got, const char *want, const char *name)
{
	bool same = strcmp(got, want) == 0;

	if (!ok(same, name))
		printf("#   got: %s\n#  want: %s\n", got, want);
	return same;
}

/* Prints the plan; the value is main's exit status. */
static inline int
done_testing(void)
{
	printf("1..%d\n", tap_run);
	return tap_failed > 0;
}

#endif
