// Ids and parts. Within a part decisions are serial, and between parts nothing is (see "A part" in
// ARCHITECTURE.md); every record belongs to one of a fixed number of parts (the same in all services), found
// from its routing key: the order id for everything about an order. An id that we make carries its part, so
// that it alone leads there.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace makegood {

inline constexpr uint32_t kDefaultParts = 16;
inline constexpr uint32_t kMaxParts = 256;

// SHA-256 of `bytes`: 32 raw bytes.
std::string Sha256(absl::string_view bytes);

// The same in 64 lower-case hexadecimal digits.
std::string Sha256Hex(absl::string_view bytes);

// The part of `routing_key` among `parts`: for an id made by MakeId the part it carries, for
// any other key a hash that never changes between versions.
uint32_t PartOf(absl::string_view routing_key, uint32_t parts);

// An id "<prefix>-<part in 2 hex digits>-<20 hex digits>", derived from `seed` and so the same
// each time: a command decided twice names the same things. `prefix` is lower-case letters.
std::string MakeId(absl::string_view prefix, uint32_t part, absl::string_view seed);

// The same with `time` in milliseconds before the digits from `seed`, 11 and 13 of them: of two ids with
// one prefix and part the later one sorts after the earlier (times before 1970 count as its beginning).
std::string MakeId(absl::string_view prefix, uint32_t part, absl::Time time, absl::string_view seed);

}  // namespace makegood
