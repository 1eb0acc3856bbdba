#include "common/rules/stores/stock_rules.h"

#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/rules/policy/policy_book.h"
#include "common/rules/scope.h"
#include "common/rules/stores/offer_steps.h"
#include "common/rules/stores/stale_stock.h"

namespace makegood::rules {
namespace {

using events::v1::Event;
using stores::v1::SetStockRequest;
using stores::v1::SetStockResponse;
using stores::v1::StockChange;
using stores::v1::StockItem;

absl::Status AlwaysAllowed(const Asked<Offer>&) { return absl::OkStatus(); }

absl::Status MayDelist(const Asked<Offer>& asked) {
  if (asked.record.state() != Offer::STATE_DELISTED_BY_PERSON) return absl::OkStatus();
  return Refusal("AVL-01", "a person has taken it off before");
}

absl::Status MayRelist(const Asked<Offer>& asked) {
  switch (asked.record.state()) {
    case Offer::STATE_DELISTED_BY_PERSON:
      return absl::OkStatus();
    case Offer::STATE_DELISTED:
      return Refusal("AVL-01", "too few are available: it is on offer again once it is restocked");
    default:
      return Refusal("AVL-01", "it is on offer");
  }
}

absl::Status CheckItems(const SetStockRequest& request) {
  std::vector<FieldViolation> wrong;
  std::set<std::string> named;
  for (int i = 0; i < request.items_size(); ++i) {
    const StockItem& item = request.items(i);
    if (!named.insert(item.sku()).second) {
      wrong.push_back({absl::StrCat("items[", i, "].sku"), "names a product again"});
    }
    if (!item.has_stock() && !item.has_low_threshold() && !item.has_zero_threshold() &&
        !item.policy_thresholds()) {
      wrong.push_back({absl::StrCat("items[", i, "].stock"), "is missing, and so is anything else to set"});
    }
  }
  if (request.command().has_expected_version() && request.items_size() > 1) {
    wrong.push_back({"command.expected_version", "is of one offer: want one item"});
  }
  return wrong.empty() ? absl::OkStatus() : InvalidFields(wrong);
}

// The offers as they are, in the order of the items; new ones without a state.
absl::StatusOr<std::vector<Offer>> OffersOf(const SetStockRequest& request, Transaction& tx) {
  std::vector<Offer> offers;
  std::vector<FieldViolation> wrong;
  for (int i = 0; i < request.items_size(); ++i) {
    const StockItem& item = request.items(i);
    ASSIGN_OR_RETURN(std::optional<Offer> known, FindOffer(request.merchant_id(), item.sku(), tx));
    if (!known.has_value() && !item.has_stock()) {
      wrong.push_back({absl::StrCat("items[", i, "].stock"), "is missing: the product is not known yet"});
    }
    Offer& offer = offers.emplace_back(std::move(known).value_or(Offer()));
    offer.set_offer_id(OfferId(tx.part(), request.merchant_id(), item.sku()));
    offer.set_merchant_id(request.merchant_id());
    offer.set_sku(item.sku());
  }
  if (!wrong.empty()) return InvalidFields(wrong);
  return offers;
}

void SetThresholds(const StockItem& item, Offer& offer) {
  if (item.policy_thresholds()) {
    offer.clear_low_threshold();
    offer.clear_zero_threshold();
  }
  if (item.has_low_threshold()) offer.set_low_threshold(item.low_threshold());
  if (item.has_zero_threshold()) offer.set_zero_threshold(item.zero_threshold());
}

void TellNegative(const Offer& offer, Transaction& tx) {
  Event event = OfferEvent(offer);
  event.mutable_stock_negative()->set_sku(offer.sku());
  event.mutable_stock_negative()->set_stock(offer.stock());
  tx.Emit(std::move(event));
}

// A figure confirms it, whether it is another one or not.
absl::Status TellStock(int64_t stock, const Policy& policy, Offer& offer, StaleWatch& watch,
                       Transaction& tx) {
  const bool differs = offer.version() == 0 || stock != offer.stock();
  offer.set_stock(stock);
  *offer.mutable_policy() = RefTo(policy);
  if (differs && stock < 0) TellNegative(offer, tx);
  return watch.Confirm(policy, offer, tx);
}

// Whether anybody would see a difference; that it was confirmed is none.
bool Differs(const Offer& before, const Offer& now) {
  const auto apart = [](Offer offer) {
    offer.clear_version();
    offer.clear_update_time();
    offer.clear_confirm_time();
    offer.clear_stale_time();
    offer.clear_policy();
    return offer.SerializeAsString();
  };
  return before.version() == 0 || apart(before) != apart(now);
}

StockChange ChangeOf(const Offer& before, const Offer& now) {
  StockChange change;
  change.set_sku(now.sku());
  if (before.version() != 0) change.set_old_stock(before.stock());
  change.set_stock(now.stock());
  change.set_old_available(before.available());
  change.set_reserved(now.reserved());
  change.set_available(now.available());
  change.set_state(now.state());
  change.set_low(now.low());
  return change;
}

}  // namespace

const Action<Offer> kSetStock{MethodOf<SetStockRequest>, AlwaysAllowed};
const Action<Offer> kDelistOffer{MethodOf<stores::v1::DelistOfferRequest>, MayDelist};
const Action<Offer> kRelistOffer{MethodOf<stores::v1::RelistOfferRequest>, MayRelist};

void FillActions(Offer& offer, const base::v1::Actor& actor, absl::Time now, const PolicyBook& policies) {
  static constexpr const Action<Offer>* kActions[] = {&kSetStock, &kDelistOffer, &kRelistOffer};
  TellActions(kActions, offer, actor, now, policies);
}

absl::StatusOr<SetStockResponse> SetStock(const SetStockRequest& request, Transaction& tx) {
  RETURN_IF_ERROR(CheckAccess(tx.actor(), MethodOf<SetStockRequest>(), request.merchant_id(), ""));
  RETURN_IF_ERROR(CheckItems(request));
  ASSIGN_OR_RETURN(const Policy* const policy, tx.policies().Current(request.marketplace()));
  if (!policy->has_stock()) {
    return Refusal("AVL-01", absl::StrCat(request.marketplace(), " keeps no stock of its merchants' offers"));
  }
  ASSIGN_OR_RETURN(std::vector<Offer> offers, OffersOf(request, tx));
  if (request.command().has_expected_version()) RETURN_IF_ERROR(tx.CheckVersion(offers[0]));
  SetStockResponse response;
  StaleWatch watch(request.merchant_id());
  for (int i = 0; i < request.items_size(); ++i) {
    const StockItem& item = request.items(i);
    Offer& offer = offers[static_cast<size_t>(i)];
    const Offer before = offer;
    if (item.has_stock()) RETURN_IF_ERROR(TellStock(item.stock(), *policy, offer, watch, tx));
    SetThresholds(item, offer);
    RETURN_IF_ERROR(Settle(offer, tx));
    if (Differs(before, offer)) {
      *response.add_changes() = ChangeOf(before, offer);
    } else {
      response.set_unchanged(response.unchanged() + 1);
    }
  }
  watch.Begin(tx);
  return response;
}

absl::StatusOr<Offer> DelistOffer(const stores::v1::DelistOfferRequest& request, Transaction& tx) {
  ASSIGN_OR_RETURN(Offer offer,
                   Begin(kDelistOffer, OfferId(tx.part(), request.merchant_id(), request.sku()), tx));
  offer.set_state(Offer::STATE_DELISTED_BY_PERSON);
  Event event = OfferEvent(offer);
  event.mutable_offer_delisted()->set_sku(offer.sku());
  event.mutable_offer_delisted()->set_available(offer.available());
  event.mutable_offer_delisted()->set_by_person(true);
  tx.Emit(std::move(event));
  RETURN_IF_ERROR(Settle(offer, tx));
  return Shown(std::move(offer), tx);
}

absl::StatusOr<Offer> RelistOffer(const stores::v1::RelistOfferRequest& request, Transaction& tx) {
  ASSIGN_OR_RETURN(Offer offer,
                   Begin(kRelistOffer, OfferId(tx.part(), request.merchant_id(), request.sku()), tx));
  // From here on its stock decides: that it is on offer again is told where it is.
  offer.set_state(Offer::STATE_DELISTED);
  RETURN_IF_ERROR(Settle(offer, tx));
  return Shown(std::move(offer), tx);
}

std::vector<std::string> GroupsOf(const stores::v1::ListOffersRequest& request) {
  if (request.states().empty() && !request.low_only() && !request.stale_only()) return {};
  const std::set<int> asked(request.states().begin(), request.states().end());
  std::vector<std::string> groups;
  for (const OfferGroupParts& parts : OfferGroups()) {
    if (!asked.empty() && !asked.contains(parts.state)) continue;
    if ((request.low_only() && !parts.low) || (request.stale_only() && !parts.stale)) continue;
    groups.push_back(OfferGroup(parts.state, parts.low, parts.stale));
  }
  // Nothing is both low and delisted, which is not everything.
  if (groups.empty()) groups.push_back(OfferGroup(Offer::STATE_UNSPECIFIED, false, false));
  return groups;
}

}  // namespace makegood::rules
