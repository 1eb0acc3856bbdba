#include "common/rules/stores/offer_steps.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/ids.h"
#include "common/base/status.h"
#include "common/rules/stores/waiting_orders.h"

namespace makegood::rules {
namespace {

using events::v1::Event;

// What the next order can have: what orders wait for is not for it.
int64_t AvailableUnits(const Offer& offer) { return std::max<int64_t>(0, FreeUnits(offer) - offer.owed()); }

int64_t LowThreshold(const Offer& offer, const Policy& policy) {
  return offer.has_low_threshold() ? offer.low_threshold() : policy.stock().low_threshold();
}

int64_t ZeroThreshold(const Offer& offer, const Policy& policy) {
  return offer.has_zero_threshold() ? offer.zero_threshold() : policy.stock().zero_threshold();
}

// That it is on offer or not, or low now: `fact` is what the event says of that.
template <typename Fact>
void Tell(Fact* (Event::*fact)(), const Offer& offer, Transaction& tx) {
  Event event = OfferEvent(offer);
  (event.*fact)()->set_sku(offer.sku());
  (event.*fact)()->set_available(offer.available());
  tx.Emit(std::move(event));
}

// AVL-01. What a person has taken off stays off.
void Judge(const Policy& policy, Offer& offer, Transaction& tx) {
  offer.set_available(AvailableUnits(offer));
  const bool none = offer.available() <= ZeroThreshold(offer, policy);
  if (offer.state() == Offer::STATE_UNSPECIFIED) offer.set_state(Offer::STATE_LISTED);
  if (offer.state() == Offer::STATE_LISTED && none) {
    offer.set_state(Offer::STATE_DELISTED);
    Tell(&Event::mutable_offer_delisted, offer, tx);
  } else if (offer.state() == Offer::STATE_DELISTED && !none) {
    offer.set_state(Offer::STATE_LISTED);
    Tell(&Event::mutable_offer_relisted, offer, tx);
  }
  const bool was_low = offer.low();
  offer.set_low(offer.state() == Offer::STATE_LISTED && offer.available() <= LowThreshold(offer, policy));
  if (offer.low() && !was_low) Tell(&Event::mutable_stock_low, offer, tx);
}

}  // namespace

std::string OfferId(uint32_t part, absl::string_view merchant_id, absl::string_view sku) {
  return MakeId("offer", part, absl::StrCat(merchant_id, "/", sku));
}

absl::StatusOr<std::optional<Offer>> FindOffer(absl::string_view merchant_id, absl::string_view sku,
                                               Transaction& tx) {
  return tx.Find<Offer>(OfferId(tx.part(), merchant_id, sku));
}

Event OfferEvent(const Offer& offer) {
  Event event;
  *event.mutable_policy() = offer.policy();
  event.set_merchant_id(offer.merchant_id());
  event.set_case_id(offer.offer_id());
  return event;
}

void TakeUnits(int64_t units, Offer& offer) {
  const int64_t floor = units > 0 ? std::min<int64_t>(offer.stock(), 0) : offer.stock();
  offer.set_stock(std::max(offer.stock() - units, floor));
}

absl::Status Settle(Offer& offer, Transaction& tx) {
  ASSIGN_OR_RETURN(const Policy* const policy, tx.policies().At(offer.policy()));
  RETURN_IF_ERROR(FillWaiting(offer, tx));
  Judge(*policy, offer, tx);
  tx.Put(offer);
  return absl::OkStatus();
}

}  // namespace makegood::rules
