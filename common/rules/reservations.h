// Limited places that cases of other parts take: a person's open claims, a merchant's stock, a voucher's
// uses.
//
//   1. Reserve, in the quota's part: places are set aside for a term, or there is none left. The caller's one
//   answer.
//   2. Hold, in the case's part and its own commit: the case is decided by the reservation, which is
//   confirmed by post.
//   3. GiveUp, in the case's part, when it needs them no more.
//
// A case that is refused after 1 keeps its places until the end of the term, so that all else that may refuse
// it is asked before (see "A limit across orders" in CONTRIBUTING.md).
//
// Nothing leaks where anything dies in between: at the end of its term an unconfirmed reservation asks the
// case's part (AskHolder, by post), which decides nothing by it any more once it has said no. Exact however
// many callers and clocks there are; the quota's part is serial, and no two parts are ever written in one
// commit.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/rules/times.h"
#include "common/rules/transaction.h"
#include "makegood/base/v1/reservation.pb.h"

namespace makegood::rules {

using base::v1::HeldPlaces;
using base::v1::Quota;
using base::v1::Reservation;
using base::v1::ReservationNews;

// ---- In the quota's part.

struct PlacesWanted {
  std::string reservation_id;  // the same for the same case, however often it is asked for (rpc::CaseKey)
  std::string quota_id;
  int64_t amount = 1;
  int64_t limit = 0;       // of all places of the quota
  std::string holder_key;  // of the case's part
  std::string rule_id;     // refuses where no place is left
  absl::Duration term = absl::Minutes(1);
};
absl::StatusOr<Reservation> Reserve(const PlacesWanted& wanted, Transaction& tx);

// ---- In the case's part.

// ABORTED where the term has passed: the whole is tried again, from 1. An empty reservation holds nothing: so
// a fetch answers where the policy knows no limit.
absl::Status Hold(const Reservation& reservation, Transaction& tx);
// Nothing happens where nothing is held by that reservation.
absl::Status GiveUp(absl::string_view reservation_id, Transaction& tx);

// ---- What follows by itself: kinds of tasks and their decisions (flow::AddReservationKinds).

inline constexpr char kReservationEnds[] = "reservation-ends";  // a timer; the payload is the id
inline constexpr char kConfirmReservation[] =
    "confirm-reservation";  // the others are posts of ReservationNews
inline constexpr char kReleaseReservation[] = "release-reservation";
inline constexpr char kAskHolder[] = "ask-holder";

absl::Status EndTerm(absl::string_view reservation_id, Transaction& tx);
absl::Status Confirm(const ReservationNews& news, Transaction& tx);
absl::Status Release(const ReservationNews& news, Transaction& tx);
absl::Status AskHolder(const ReservationNews& news, Transaction& tx);

// How the three are kept: found by key alone.
template <>
struct RecordTraits<Quota> {
  static constexpr absl::string_view kKind = "quota";
  static std::string Id(const Quota& quota) { return quota.quota_id(); }
  static RecordColumns Columns(const Quota& quota) {
    return RecordColumns::ByKeyAlone(ToTime(quota.create_time()));
  }
};
template <>
struct RecordTraits<Reservation> {
  static constexpr absl::string_view kKind = "reservation";
  static std::string Id(const Reservation& reservation) { return reservation.reservation_id(); }
  static RecordColumns Columns(const Reservation& reservation) {
    return RecordColumns::ByKeyAlone(ToTime(reservation.create_time()));
  }
};
template <>
struct RecordTraits<HeldPlaces> {
  static constexpr absl::string_view kKind = "held_places";
  static std::string Id(const HeldPlaces& held) { return held.reservation_id(); }
  static RecordColumns Columns(const HeldPlaces& held) {
    return RecordColumns::ByKeyAlone(ToTime(held.create_time()));
  }
};

}  // namespace makegood::rules
