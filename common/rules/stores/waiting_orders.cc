#include "common/rules/stores/waiting_orders.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/rules/posts.h"
#include "common/rules/stores/offer_steps.h"

namespace makegood::rules {
namespace {

using stores::v1::ShortageNews;
using stores::v1::UnitsOfOrder;
using stores::v1::WaitingOrders;

// So many orders are looked at in one commit.
constexpr int kMostFilled = 200;

std::string WaitingId(absl::string_view offer_id, bool found_short, int64_t number) {
  return absl::StrCat(offer_id, found_short ? "/found-short/" : "/arrived-short/", number);
}

WaitingOrders& QueueOf(OfferNotes& notes, bool found_short) {
  return found_short ? *notes.mutable_found_short() : *notes.mutable_arrived_short();
}

absl::StatusOr<OfferNotes> NotesOf(const Offer& offer, Transaction& tx) {
  ASSIGN_OR_RETURN(std::optional<OfferNotes> found, tx.Find<OfferNotes>(offer.offer_id()));
  OfferNotes notes = std::move(found).value_or(OfferNotes());
  notes.set_offer_id(offer.offer_id());
  return notes;
}

// Gives what is free to one of those who wait; true if it waits no more.
absl::StatusOr<bool> FillOne(bool found_short, int64_t number, Offer& offer, Transaction& tx) {
  ASSIGN_OR_RETURN(const WaitingOrder waiting,
                   tx.Get<WaitingOrder>(WaitingId(offer.offer_id(), found_short, number)));
  ASSIGN_OR_RETURN(OrderStock stock, tx.Get<OrderStock>(waiting.order_id()));
  UnitsOfOrder* const units = UnitsOf(stock, offer.sku());
  // It has another place meanwhile.
  if (units == nullptr || units->found_short() != found_short || units->waits_as() != number) return true;
  const int64_t given = std::min(units->missing(), FreeUnits(offer));
  units->set_missing(units->missing() - given);
  units->set_promised(units->promised() + given);
  offer.set_owed(offer.owed() - given);
  offer.set_reserved(offer.reserved() + given);
  const bool done = units->missing() == 0;
  if (done) units->set_waits_as(0);
  RETURN_IF_ERROR(KeepAndTell(stock, tx));
  return done;
}

}  // namespace

UnitsOfOrder* UnitsOf(OrderStock& stock, absl::string_view sku) {
  const auto found = std::find_if(stock.mutable_units()->begin(), stock.mutable_units()->end(),
                                  [&](const UnitsOfOrder& units) { return units.sku() == sku; });
  return found == stock.mutable_units()->end() ? nullptr : &*found;
}

absl::Status Await(absl::string_view order_id, const Offer& offer, UnitsOfOrder& units, bool found_short,
                   Transaction& tx) {
  const bool waits = units.waits_as() != 0 && (units.found_short() || !found_short);
  if (waits) return absl::OkStatus();
  ASSIGN_OR_RETURN(OfferNotes notes, NotesOf(offer, tx));
  WaitingOrders& queue = QueueOf(notes, found_short);
  queue.set_last(queue.last() + 1);
  tx.Put(notes);
  units.set_waits_as(queue.last());
  units.set_found_short(found_short);
  WaitingOrder waiting;
  waiting.set_waiting_id(WaitingId(offer.offer_id(), found_short, queue.last()));
  waiting.set_order_id(std::string(order_id));
  tx.Put(waiting);
  return absl::OkStatus();
}

absl::Status FillWaiting(Offer& offer, Transaction& tx) {
  if (offer.owed() == 0 || FreeUnits(offer) <= 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(OfferNotes notes, NotesOf(offer, tx));
  int looked_at = 0;
  for (const bool found_short : {true, false}) {
    WaitingOrders& queue = QueueOf(notes, found_short);
    while (offer.owed() > 0 && FreeUnits(offer) > 0 && queue.passed() < queue.last()) {
      if (++looked_at > kMostFilled) {
        tx.Schedule(Task{absl::StrCat(kFillWaiting, ":", offer.offer_id(), ":", queue.passed()), kFillWaiting,
                         tx.now(), offer.offer_id()});
        tx.Put(notes);
        return absl::OkStatus();
      }
      ASSIGN_OR_RETURN(const bool done, FillOne(found_short, queue.passed() + 1, offer, tx));
      if (!done) break;
      queue.set_passed(queue.passed() + 1);
    }
  }
  tx.Put(notes);
  return absl::OkStatus();
}

absl::Status GoOnFilling(absl::string_view offer_id, Transaction& tx) {
  ASSIGN_OR_RETURN(Offer offer, tx.Get<Offer>(offer_id));
  return Settle(offer, tx);
}

absl::Status KeepAndTell(OrderStock& stock, Transaction& tx) {
  const bool is_short = std::any_of(stock.units().begin(), stock.units().end(),
                                    [](const UnitsOfOrder& units) { return units.missing() > 0; });
  if (is_short != stock.told_short()) {
    stock.set_told_short(is_short);
    ShortageNews news;
    news.set_order_id(stock.order_id());
    news.set_is_short(is_short);
    RETURN_IF_ERROR(PostTo(stock.order_id(), kShortageNews, news, tx));
  }
  tx.Put(stock);
  return absl::OkStatus();
}

}  // namespace makegood::rules
