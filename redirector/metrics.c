/*
 * metrics.c: counters and histograms of one process.
 */
#include "metrics.h"

#define STATUS_FIRST 200
#define STATUS_COUNT 400
#define STEPS		 16

typedef struct Histogram
{
	uint64_t steps[STEPS];
	uint64_t count;
	double sum;
} Histogram;

Metrics metrics;

static uint64_t requests[METRIC_CLASSES][STATUS_COUNT];
static Histogram latency;
static Histogram batch_size;

static const char *const class_names[METRIC_CLASSES] = {
	"click",	  "view",		"bot",	   "alias", "miss", "refused target",
	"unanswered", "conversion", "opt out", "other",
};

/* Adds a value to the histogram whose steps are base, 2 base, 4 base … */
static void
add(Histogram *histogram, double value, double base)
{
	int step = 0;

	while (step < STEPS - 1 && value > base)
	{
		base *= 2;
		step++;
	}
	histogram->steps[step]++;
	histogram->count++;
	histogram->sum += value;
}

void
metrics_request(MetricClass class, unsigned status, int64_t microseconds)
{
	if (status >= STATUS_FIRST && status < STATUS_FIRST + STATUS_COUNT)
		requests[class][status - STATUS_FIRST]++;
	add(&latency, (double) microseconds / 1e6, 0.000125);
}

void
metrics_batch(int size)
{
	add(&batch_size, size, 1);
}

static void
write_histogram(FILE *out, const char *name, const char *help, const Histogram *histogram,
				double base)
{
	uint64_t sum = 0;

	fprintf(out, "# HELP %s %s\n# TYPE %s histogram\n", name, help, name);
	for (int step = 0; step < STEPS - 1; step++, base *= 2)
	{
		sum += histogram->steps[step];
		fprintf(out, "%s_bucket{le=\"%.9g\"} %llu\n", name, base, (unsigned long long) sum);
	}
	fprintf(out, "%s_bucket{le=\"+Inf\"} %llu\n%s_sum %.9g\n%s_count %llu\n", name,
			(unsigned long long) histogram->count, name, histogram->sum, name,
			(unsigned long long) histogram->count);
}

void
metrics_write(FILE *out)
{
	static const struct
	{
		const char *name;
		const char *type;
		const char *help;
		const uint64_t *value;
	} numbers[] = {
		{"connections", "gauge", "Open connections.", &metrics.connections},
		{"connections_total", "counter", "Accepted connections.", &metrics.accepted},
		{"connections_turned_away_total", "counter",
		 "Connections beyond the limit of an address.", &metrics.turned_away},
		{"slow_requests_cut_total", "counter", "Requests cut at the deadline.",
		 &metrics.slow_cut},
		{"framing_refused_total", "counter", "Requests refused for their framing.",
		 &metrics.framing_refused},
		{"retries_total", "counter", "Requests given to the database once more.",
		 &metrics.retries},
	};

	fprintf(out, "# HELP smstrack_requests_total Answered requests.\n"
				 "# TYPE smstrack_requests_total counter\n");
	for (int class = 0; class < METRIC_CLASSES; class++)
		for (int status = 0; status < STATUS_COUNT; status++)
			if (requests[class][status] > 0)
				fprintf(out, "smstrack_requests_total{class=\"%s\",status=\"%d\"} %llu\n",
						class_names[class], STATUS_FIRST + status,
						(unsigned long long) requests[class][status]);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		fprintf(out, "# HELP smstrack_%s %s\n# TYPE smstrack_%s %s\nsmstrack_%s %llu\n",
				numbers[i].name, numbers[i].help, numbers[i].name, numbers[i].type,
				numbers[i].name, (unsigned long long) *numbers[i].value);
	write_histogram(out, "smstrack_request_seconds", "Time to the answer.", &latency,
					0.000125);
	write_histogram(out, "smstrack_batch_size", "Requests in one transaction.", &batch_size,
					1);
}
