// The timeline of an order (ORD-10): everything that happened to it in all services, in the order in
// which it arrived here.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/rules/orders/order_records.h"
#include "common/rules/policy/policy_book.h"
#include "common/rules/texts/message_pattern.h"
#include "common/rules/transaction.h"
#include "makegood/base/v1/access.pb.h"
#include "makegood/events/v1/events.pb.h"

namespace makegood::rules {

// Appends an event of `source` to its order's timeline; one that is about no order is left out.
// Each event once: the store applies it once (see store::Applied).
absl::Status AppendToTimeline(absl::string_view source, const events::v1::Event& event, Transaction& tx);

// An opaque token for "after the entry at `index`", good for this order only.
std::string ResumeToken(absl::string_view order_id, int64_t index);

// The index a token stands for; 0 for an empty one. INVALID_ARGUMENT for anything but a token of
// this order's timeline.
absl::StatusOr<int64_t> IndexOf(absl::string_view order_id, absl::string_view resume_token);

// How `actor` reads the timeline of `order` (NTF-01), whose policy is `policy`: its customer in the order's
// language, the store in the policy's first, Operations, auditors and our own services in English.
Locale LocaleOf(const base::v1::Actor& actor, const Order& order, const Policy& policy);

// Prepares an entry for `actor`: words it in `locale`, gives it its token, and takes the full event from
// everyone but Operations, auditors and our own services. An entry of before that held its words keeps them
// where its event has none. False: not for this reader at all (it has no words).
absl::StatusOr<bool> ShowTo(const base::v1::Actor& actor, const Locale& locale, TimelineEntry& entry);

}  // namespace makegood::rules
