#include "common/rules/stores/stale_stock.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "common/base/ids.h"
#include "common/base/status.h"
#include "common/rules/messages.h"
#include "common/rules/stores/offer_steps.h"

namespace makegood::rules {
namespace {

using events::v1::Event;
using stores::v1::StaleCheck;

// No timer of offers that were confirmed one after another fires more often.
constexpr absl::Duration kLeast = absl::Minutes(1);

// AVL-01: one reminder for all of a merchant's offers at a marketplace.
absl::Status CountStale(const Offer& offer, int64_t more, Transaction& tx) {
  const std::string id =
      MakeId("stk", tx.part(), absl::StrCat(offer.merchant_id(), "/", offer.policy().marketplace()));
  ASSIGN_OR_RETURN(std::optional<StaleStock> found, tx.Find<StaleStock>(id));
  StaleStock stale = std::move(found).value_or(StaleStock());
  stale.set_stale_id(id);
  *stale.mutable_policy() = offer.policy();
  stale.set_merchant_id(offer.merchant_id());
  if (stale.count() == 0) *stale.mutable_since_time() = ToTimestamp(tx.now());
  stale.set_count(stale.count() + more);
  tx.Put(stale);
  return absl::OkStatus();
}

absl::StatusOr<bool> IsWatched(const Offer& offer, Transaction& tx) {
  ASSIGN_OR_RETURN(const std::optional<OfferNotes> notes, tx.Find<OfferNotes>(offer.offer_id()));
  return notes.has_value() && notes->watched();
}

absl::Status SetWatched(const Offer& offer, bool watched, Transaction& tx) {
  ASSIGN_OR_RETURN(std::optional<OfferNotes> found, tx.Find<OfferNotes>(offer.offer_id()));
  OfferNotes notes = std::move(found).value_or(OfferNotes());
  notes.set_offer_id(offer.offer_id());
  notes.set_watched(watched);
  tx.Put(notes);
  return absl::OkStatus();
}

absl::Status MarkStale(Offer& offer, Transaction& tx) {
  offer.set_stale(true);
  Event event = OfferEvent(offer);
  event.mutable_stock_stale()->set_sku(offer.sku());
  *event.mutable_stock_stale()->mutable_confirm_time() = offer.confirm_time();
  tx.Emit(std::move(event));
  tx.Put(offer);
  return CountStale(offer, 1, tx);
}

}  // namespace

std::vector<base::v1::WorkItem> RecordTraits<StaleStock>::Waiting(const StaleStock& stale) {
  if (stale.count() == 0) return {};
  base::v1::WorkItem item =
      MakeWorkItem(base::v1::WORK_KIND_CONFIRM_STOCK, base::v1::WORK_TURN_MERCHANT, stale.stale_id());
  *item.mutable_due_time() = stale.since_time();
  return {item};
}

absl::Status StaleWatch::Confirm(const Policy& policy, Offer& offer, Transaction& tx) {
  *offer.mutable_confirm_time() = ToTimestamp(tx.now());
  offer.clear_stale_time();
  if (offer.stale()) {
    // Counted where it was counted as stale, which may be another marketplace.
    ASSIGN_OR_RETURN(const Offer before, tx.Get<Offer>(offer.offer_id()));
    RETURN_IF_ERROR(CountStale(before, -1, tx));
    offer.set_stale(false);
    Event event = OfferEvent(offer);
    event.mutable_stock_confirmed()->set_sku(offer.sku());
    tx.Emit(std::move(event));
  }
  const int hours = policy.stock().stale_after_hours();
  if (hours == 0) return absl::OkStatus();
  const absl::Time stale = tx.now() + absl::Hours(hours);
  *offer.mutable_stale_time() = ToTimestamp(stale);
  ASSIGN_OR_RETURN(const bool watched, IsWatched(offer, tx));
  if (watched) return absl::OkStatus();
  check_.add_skus(offer.sku());
  due_ = std::min(due_, stale);
  return SetWatched(offer, true, tx);
}

void StaleWatch::Begin(Transaction& tx) const {
  if (!check_.skus().empty()) tx.Schedule(kStaleCheck, due_, check_);
}

absl::Status LookForStale(const StaleCheck& check, Transaction& tx) {
  StaleCheck later;
  later.set_merchant_id(check.merchant_id());
  absl::Time due = absl::InfiniteFuture();
  for (const std::string& sku : check.skus()) {
    ASSIGN_OR_RETURN(std::optional<Offer> offer, FindOffer(check.merchant_id(), sku, tx));
    if (!offer.has_value()) continue;
    const bool counts = offer->has_stale_time() && !offer->stale();
    if (counts && ToTime(offer->stale_time()) > tx.now()) {
      later.add_skus(sku);
      due = std::min(due, ToTime(offer->stale_time()));
      continue;
    }
    if (counts) RETURN_IF_ERROR(MarkStale(*offer, tx));
    RETURN_IF_ERROR(SetWatched(*offer, false, tx));
  }
  if (!later.skus().empty()) tx.Schedule(kStaleCheck, std::max(due, tx.now() + kLeast), later);
  return absl::OkStatus();
}

}  // namespace makegood::rules
