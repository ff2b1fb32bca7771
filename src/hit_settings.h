/*
 * hit_settings.h: the settings of recording hits.
 */
#ifndef SMSTRACK_HIT_SETTINGS_H
#define SMSTRACK_HIT_SETTINGS_H

typedef enum AddressDetail
{
	ADDRESS_NONE,
	ADDRESS_TRUNCATED,
	ADDRESS_FULL
} AddressDetail;

extern int setting_hit_address;
extern int setting_hit_retention; /* in months; 0: for ever */
extern int setting_user_agent_limit;
extern int setting_tally_slots;
extern int setting_attribution_window; /* in seconds */
extern char *setting_token_parameter;
extern bool setting_notify;

extern void hit_settings_define(void);

#endif
