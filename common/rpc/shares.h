// What the callers of one process share, and how much of it one of them may have (SYS-12).
#pragma once

#include "common/base/places.h"

namespace makegood::rpc {

struct ShareLimits {
  // Streams that live as long as their callers: of events, timelines, threads and work.
  PlaceLimits streams = {.all = 1'000, .per_caller = 50, .per_store = 200, .kept = 200};
  // Files of evidence on their way, in either direction.
  PlaceLimits transfers = {.all = 64, .per_caller = 4, .per_store = 16, .kept = 8};
  // Lists that are read, or whose page has not left yet.
  PlaceLimits lists = {.all = 2'000, .per_caller = 500, .per_store = 500, .kept = 200};
  // Bytes of requests and replies of calls under way, as they lie in memory. Small ones do not count.
  PlaceLimits bytes = {.all = 128 << 20, .per_caller = 64 << 20, .per_store = 64 << 20, .kept = 16 << 20};
};

// One for a process, whatever services it runs.
struct Shares {
  explicit Shares(const ShareLimits& limits = {})
      : streams("open streams", limits.streams),
        transfers("files of evidence on their way", limits.transfers),
        lists("lists under way", limits.lists),
        bytes("bytes of calls under way", limits.bytes) {}

  Places streams;
  Places transfers;
  Places lists;
  Places bytes;
};

}  // namespace makegood::rpc
