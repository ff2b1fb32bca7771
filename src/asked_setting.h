/*
 * asked_setting.h: settings that a connection asked for before the library defines them.
 */
#ifndef SMSTRACK_ASKED_SETTING_H
#define SMSTRACK_ASKED_SETTING_H

/* Notes what was asked for; before the settings are defined. */
extern void asked_settings_note(void);

/* Ends the session where something of it is not its role's to set; after they are. */
extern void asked_settings_check(void);

#endif
