/*
 * tracking_script.h: the script that shops have in their pages, one text for all who give
 * it out.
 */
#ifndef SMSTRACK_TRACKING_SCRIPT_H
#define SMSTRACK_TRACKING_SCRIPT_H

/*
 * A function in JavaScript, to be called with an object, in parentheses behind it:
 *   p  name of the token in the address
 *   c  name of the cookie that keeps it
 *   m  age of that cookie in seconds
 *   d  its domain; none: the page's host
 *   e  where conversions are sent
 *   g  true: a browser that asks not to be tracked is not
 *   l  conversion to be sent at once; none: the page calls smstrack('convert', {...})
 */
extern const char tracking_script[];

#endif
