// The timeline of an order (ORD-10): everything that happened to it in all services, in the order in
// which it arrived here.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/rules/orders/order_records.h"
#include "common/rules/transaction.h"
#include "makegood/base/v1/access.pb.h"
#include "makegood/events/v1/events.pb.h"

namespace makegood::rules {

// Appends an event of `source` to its order's timeline; one that is about no order is left out.
// Each event once: the store applies it once (see store::Applied).
absl::Status AppendToTimeline(absl::string_view source, const events::v1::Event& event, Transaction& tx);

// What happened, in words fit for a customer; empty for what is none of a customer's business
// (ledger, compliance, agreements between merchant and marketplace).
std::string CustomerWords(const events::v1::Event& event);

// What happened, for Operations and auditors: in the customer's words where there are any, else in words of
// its own. No event is without.
std::string StaffWords(const events::v1::Event& event);

// An opaque token for "after the entry at `index`", good for this order only.
std::string ResumeToken(absl::string_view order_id, int64_t index);

// The index a token stands for; 0 for an empty one. INVALID_ARGUMENT for anything but a token of
// this order's timeline.
absl::StatusOr<int64_t> IndexOf(absl::string_view order_id, absl::string_view resume_token);

// Prepares an entry for `actor`: gives it its token, and takes the full event from everyone but
// Operations, auditors and our own services. False: not for this reader at all (it has no words).
bool ShowTo(const base::v1::Actor& actor, TimelineEntry& entry);

}  // namespace makegood::rules
