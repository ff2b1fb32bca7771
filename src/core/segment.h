#pragma once
#include <stdint.h>
#include <stddef.h>
typedef enum SegmentEncoding { SEGMENT_GSM7, SEGMENT_UCS2 } SegmentEncoding;
typedef struct SegmentCount { SegmentEncoding encoding; int32_t segments; int64_t units; } SegmentCount;
extern void segment_count(const char *body, size_t length, SegmentCount *count);
extern const char *segment_encoding_name(SegmentEncoding);
