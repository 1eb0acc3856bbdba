// What a store's people and software say of its offers (AVL-01, ROL-02, ROL-12). Decided in the merchant's
// part.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/rules/actions.h"
#include "common/rules/stores/store_records.h"
#include "common/rules/transaction.h"
#include "makegood/stores/v1/stores_service.pb.h"

namespace makegood::rules {

// ROL-11: a store's own, and no customer's.
inline absl::Status CheckReach(const Asked<Offer>& asked, absl::string_view rule_id) {
  return CheckScope(asked.actor, asked.record.merchant_id(), "", rule_id);
}

// AVL-01: all items are taken, or none. INVALID_ARGUMENT names each item that is there twice, says nothing,
// or is of a product that is not known and has no figure. Refused under AVL-01 where the marketplace keeps no
// stock.
absl::StatusOr<stores::v1::SetStockResponse> SetStock(const stores::v1::SetStockRequest& request,
                                                      Transaction& tx);

absl::StatusOr<Offer> DelistOffer(const stores::v1::DelistOfferRequest& request, Transaction& tx);
absl::StatusOr<Offer> RelistOffer(const stores::v1::RelistOfferRequest& request, Transaction& tx);

extern const Action<Offer> kSetStock;
extern const Action<Offer> kDelistOffer;
extern const Action<Offer> kRelistOffer;
void FillActions(Offer& offer, const base::v1::Actor& actor, absl::Time now, const PolicyBook& policies);

// The groups of offers that a list asks for; none where it asks for all.
std::vector<std::string> GroupsOf(const stores::v1::ListOffersRequest& request);

}  // namespace makegood::rules
