// How the orders service keeps what belongs to a store, in the merchant's part.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/rules/times.h"
#include "common/rules/transaction.h"
#include "makegood/stores/v1/records.pb.h"
#include "makegood/stores/v1/stores.pb.h"

namespace makegood::rules {

using stores::v1::Offer;
using stores::v1::OfferNotes;
using stores::v1::OrderStock;
using stores::v1::StaleStock;
using stores::v1::WaitingOrder;

// What offers are listed and counted by: "STATE_LISTED.LOW.STALE".
inline std::string OfferGroup(Offer::State state, bool low, bool stale) {
  return absl::StrCat(Offer::State_Name(state), low ? ".LOW" : "", stale ? ".STALE" : "");
}

// Every group there is: only what is on offer is low.
struct OfferGroupParts {
  Offer::State state;
  bool low;
  bool stale;
};
inline std::vector<OfferGroupParts> OfferGroups() {
  std::vector<OfferGroupParts> groups;
  for (const bool stale : {false, true}) {
    groups.push_back({Offer::STATE_LISTED, false, stale});
    groups.push_back({Offer::STATE_LISTED, true, stale});
    groups.push_back({Offer::STATE_DELISTED, false, stale});
    groups.push_back({Offer::STATE_DELISTED_BY_PERSON, false, stale});
  }
  return groups;
}

// Lists are in the order in which offers were told first. One that people should look at is open: it is
// delisted, low or stale.
template <>
struct RecordTraits<Offer> {
  static constexpr absl::string_view kKind = "offer";
  static std::string Id(const Offer& offer) { return offer.offer_id(); }
  static RecordColumns Columns(const Offer& offer) {
    RecordColumns columns{"", offer.merchant_id(), "", OfferGroup(offer.state(), offer.low(), offer.stale()),
                          ToTime(offer.create_time())};
    if (offer.state() != Offer::STATE_LISTED || offer.low() || offer.stale()) {
      columns.open_at = offer.policy().marketplace();
    }
    return columns;
  }
};

template <>
struct RecordTraits<OfferNotes> {
  static constexpr absl::string_view kKind = "offer_notes";
  static std::string Id(const OfferNotes& notes) { return notes.offer_id(); }
  static RecordColumns Columns(const OfferNotes& notes) {
    return RecordColumns::ByKeyAlone(ToTime(notes.create_time()));
  }
};

template <>
struct RecordTraits<OrderStock> {
  static constexpr absl::string_view kKind = "order_stock";
  static std::string Id(const OrderStock& stock) { return stock.order_id(); }
  static RecordColumns Columns(const OrderStock& stock) {
    return RecordColumns::ByKeyAlone(ToTime(stock.create_time()));
  }
};

template <>
struct RecordTraits<WaitingOrder> {
  static constexpr absl::string_view kKind = "waiting_order";
  static std::string Id(const WaitingOrder& waiting) { return waiting.waiting_id(); }
  static RecordColumns Columns(const WaitingOrder& waiting) {
    return RecordColumns::ByKeyAlone(ToTime(waiting.create_time()));
  }
};

template <>
struct RecordTraits<StaleStock> {
  static constexpr absl::string_view kKind = "stale_stock";
  static std::string Id(const StaleStock& stale) { return stale.stale_id(); }
  static std::vector<base::v1::WorkItem> Waiting(const StaleStock& stale);
  static RecordColumns Columns(const StaleStock& stale) {
    return RecordColumns::ByKeyAlone(ToTime(stale.create_time()));
  }
};

}  // namespace makegood::rules
