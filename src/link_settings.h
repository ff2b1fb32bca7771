#pragma once
#include "core/link.h"
extern void link_settings_define(void);
extern const LinkOptions *link_settings_options(void);
