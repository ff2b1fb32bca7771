/*
 * host_script.h: names whose letters are there to be taken for others.
 */
#ifndef SMSTRACK_HOST_SCRIPT_H
#define SMSTRACK_HOST_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Tells whether a name in UTF-8, as people see it, looks like another: a label mixes
 * scripts whose letters look alike, or has none but look-alikes under a Latin top-level
 * domain. Browsers show such names as A-labels.
 */
extern bool host_looks_alike(const char *name, size_t length);

#endif
