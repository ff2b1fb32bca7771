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

#endif
