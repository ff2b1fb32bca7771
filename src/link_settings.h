/*
 * link_settings.h: the settings of the link finder, ready for the core.
 */
#ifndef SMSTRACK_LINK_SETTINGS_H
#define SMSTRACK_LINK_SETTINGS_H

#include "core/link.h"

extern void link_settings_define(void);

/*
 * Gives the options that the settings make, with this backend's IDNA handle and a poll
 * that checks for interrupts. Valid until a setting changes; hosts of ours are not in it.
 */
extern const LinkOptions *link_settings_options(void);

#endif
