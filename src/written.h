/*
 * written.h: whom a campaign has messages for.
 */
#ifndef SMSTRACK_WRITTEN_H
#define SMSTRACK_WRITTEN_H

#include "postgres.h"

#include "store_launch.h"

typedef struct Written Written;

/* Opens what a launch compares its audience with; SPI is connected. */
extern Written *written_open(const LaunchCampaign *campaign, bool read_only);

/*
 * Tells whether the campaign has a message for a recipient. Recipients are asked for in
 * byte order, each once.
 */
extern bool written_has(Written *written, const text *recipient);

/* Tells the same of one recipient by itself; nothing is locked. SPI is connected. */
extern bool written_find(const LaunchCampaign *campaign, const text *recipient);

#endif
