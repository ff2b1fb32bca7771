#include "segment.h"
void segment_count(const char *body, size_t length, SegmentCount *count)
{
	count->encoding = SEGMENT_GSM7; count->units = (int64_t) length;
	for (size_t i = 0; i < length; i++) if ((unsigned char) body[i] >= 0xe0) count->encoding = SEGMENT_UCS2;
	count->segments = length <= 160 ? 1 : (int32_t) ((length + 152) / 153);
}
const char *segment_encoding_name(SegmentEncoding e) { return e == SEGMENT_GSM7 ? "GSM-7" : "UCS-2"; }
