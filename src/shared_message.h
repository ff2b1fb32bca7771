/*
 * shared_message.h: codes that all recipients of an anonymous campaign's variant share.
 */
#ifndef SMSTRACK_SHARED_MESSAGE_H
#define SMSTRACK_SHARED_MESSAGE_H

#include "postgres.h"

#include "rendering.h"

/*
 * Gives a variant its shared codes, of the message that carries them; a test has one of
 * its own. The variant's row is locked.
 */
extern void shared_message_make(const LaunchCampaign *campaign, ReadyVariant *variant,
								int32 link_domain, bool test);

#endif
