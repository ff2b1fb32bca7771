#include "postgres.h"
#include "miscadmin.h"
#include "link_settings.h"
static LinkOptions o;
void link_settings_define(void) {}
const LinkOptions *link_settings_options(void) { if (!o.host.idna) o.host.idna = host_idna_open(); return &o; }
