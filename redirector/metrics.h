/*
 * metrics.h: what is counted, and its text for Prometheus.
 */
#ifndef REDIRECTOR_METRICS_H
#define REDIRECTOR_METRICS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef enum MetricClass
{
	METRIC_CLICK,
	METRIC_VIEW,
	METRIC_BOT,
	METRIC_ALIAS,
	METRIC_MISS,
	METRIC_REFUSED_TARGET,
	METRIC_UNANSWERED, /* a link was asked for, nobody knows what it was */
	METRIC_CONVERSION,
	METRIC_OPT_OUT,
	METRIC_OTHER,
	METRIC_CLASSES
} MetricClass;

typedef struct Metrics
{
	uint64_t connections; /* open now */
	uint64_t accepted;
	uint64_t turned_away;	 /* too many of one address */
	uint64_t slow_cut;		 /* at the deadline */
	uint64_t framing_refused; /* by the guard */
	uint64_t retries;
} Metrics;

extern Metrics metrics;

extern void metrics_request(MetricClass class, unsigned status, int64_t microseconds);
extern void metrics_batch(int size);
extern void metrics_write(FILE *out);

#endif
