// The steps of an offer, each in the commit of whatever changes its stock: who calls them changes the
// figures, and Settle draws the consequences and puts the offer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/rules/policy/policy_book.h"
#include "common/rules/stores/store_records.h"
#include "common/rules/transaction.h"
#include "makegood/events/v1/events.pb.h"

namespace makegood::rules {

// Of the merchant whose part it is.
std::string OfferId(uint32_t part, absl::string_view merchant_id, absl::string_view sku);
absl::StatusOr<std::optional<Offer>> FindOffer(absl::string_view merchant_id, absl::string_view sku,
                                               Transaction& tx);

// An event about it, without payload.
events::v1::Event OfferEvent(const Offer& offer);

// What is on the shelf and promised to nobody; below zero where more is promised than there is.
inline int64_t FreeUnits(const Offer& offer) { return offer.stock() - offer.reserved(); }

// So many units leave the shelf or, below zero, come back to it. What is taken was there, whatever the figure
// says: it does not fall below zero by that.
void TakeUnits(int64_t units, Offer& offer);

// First the orders that wait are filled from what is free (AVL-03), and only then is it listed or delisted
// (AVL-01), and put. One that nothing has changed is left as it is.
absl::Status Settle(Offer& offer, Transaction& tx);

}  // namespace makegood::rules
