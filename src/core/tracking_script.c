/*
 * tracking_script.c: the tracking code. It keeps the click's token of the address as a
 * first-party cookie, takes it out of the address bar, and sends conversions: by beacon,
 * else by fetch, else by a pixel. What pages called before it came is made up for.
 */
#include "tracking_script.h"

const char tracking_script[] =
	"(function(o){'use strict';"
	"var w=window,d=document,n=navigator,l=location,t='',q=w.smstrack&&w.smstrack.q||[],i;"
	/* who does not want it is neither marked nor reported */
	"function off(){return w.smstrack_disabled||o.g&&n.globalPrivacyControl}"
	"function kept(){return(d.cookie.match('(?:^|; )'+o.c+'=([\\\\w-]{40})(?:;|$)')||[])[1]||''}"
	/* only the token leaves the address: all else stays as it was written */
	"function take(){"
	"var r=new RegExp('([?&])'+o.p.replace(/\\./g,'\\\\.')+'=([\\\\w-]{40})(&|$)'),m=l.search.match(r);"
	"if(!m)return;"
	"t=m[2];"
	"d.cookie=o.c+'='+t+';path=/;max-age='+o.m+';samesite=lax'+(o.d?';domain='+o.d:'')+"
	"(l.protocol=='https:'?';secure':'');"
	"history.replaceState(history.state,'',l.pathname+"
	"l.search.replace(r,'$1').replace(/[?&]$/,'')+l.hash)}"
	"function send(a){"
	"if(off())return false;"
	"var b=new URLSearchParams,v=t||kept(),k;"
	"if(v)b.set('token',v);"
	"for(k in a)if(a[k]!=null)b.set(k,a[k]);"
	"function pixel(){new Image().src=o.e+'?'+b}"
	"try{if(n.sendBeacon(o.e,b))return true}catch(e){}"
	"try{fetch(o.e,{method:'POST',body:b,mode:'no-cors',credentials:'include',keepalive:true})"
	"['catch'](pixel)}catch(e){pixel()}"
	"return true}"
	"if(o.p&&!off())take();"
	"w.smstrack=function(m,a){return m=='convert'?send(a):m=='token'?t||kept():void 0};"
	"if(o.l)send(o.l);"
	"for(i=0;i<q.length;i++)w.smstrack.apply(w,q[i])"
	"})";
