/*
 * settings.h: the settings smstrack.*
 */
#ifndef SMSTRACK_SETTINGS_H
#define SMSTRACK_SETTINGS_H

extern char *setting_account;
extern char *setting_link_domain;
extern int setting_epoch_jump;
extern char *setting_calling_code;
extern int setting_bandit_interval;

extern void settings_define(void);

#define CALLING_CODE_DETAIL "A country calling code has one to three digits, such as 49."

/* Tells whether a text may be a country's calling code; the empty one is none. */
extern bool setting_is_calling_code(const char *value);

#endif
