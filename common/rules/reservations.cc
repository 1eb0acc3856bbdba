#include "common/rules/reservations.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/rules/posts.h"
#include "common/rules/timers.h"

namespace makegood::rules {
namespace {

absl::StatusOr<Quota> QuotaOf(absl::string_view quota_id, Transaction& tx) {
  ASSIGN_OR_RETURN(const std::optional<Quota> found, tx.Find<Quota>(quota_id));
  Quota quota = found.value_or(Quota());
  quota.set_quota_id(std::string(quota_id));
  return quota;
}

absl::Status AddTaken(absl::string_view quota_id, int64_t amount, Transaction& tx) {
  ASSIGN_OR_RETURN(Quota quota, QuotaOf(quota_id, tx));
  quota.set_taken(quota.taken() + amount);
  tx.Put(quota);
  return absl::OkStatus();
}

// Set aside until then, for the first time or anew.
void BeginTerm(absl::Duration term, Reservation& reservation, Transaction& tx) {
  reservation.set_state(Reservation::STATE_RESERVED);
  reservation.set_term(reservation.term() + 1);
  *reservation.mutable_expire_time() = ToTimestamp(tx.now() + term);
  SetTimer(kReservationEnds, reservation.reservation_id(), tx.now() + term, tx);
}

// `About` is a Reservation, HeldPlaces or ReservationNews.
template <typename About>
absl::Status PostNews(absl::string_view to, absl::string_view kind, const About& about, Transaction& tx) {
  ReservationNews news;
  news.set_reservation_id(about.reservation_id());
  news.set_quota_id(about.quota_id());
  news.set_term(about.term());
  return PostTo(to, kind, news, tx);
}

}  // namespace

absl::StatusOr<Reservation> Reserve(const PlacesWanted& wanted, Transaction& tx) {
  ASSIGN_OR_RETURN(const std::optional<Reservation> found, tx.Find<Reservation>(wanted.reservation_id));
  Reservation reservation = found.value_or(Reservation());
  if (reservation.state() == Reservation::STATE_CONFIRMED) return reservation;
  // Whose term has passed is asked for by now, and may still turn out to be held: it keeps its places, and
  // its term.
  if (reservation.state() == Reservation::STATE_RESERVED) return reservation;
  ASSIGN_OR_RETURN(const Quota quota, QuotaOf(wanted.quota_id, tx));
  if (quota.taken() + wanted.amount > wanted.limit) {
    return Refusal(wanted.rule_id,
                   absl::StrCat("no place is left: ", quota.taken(), " of ", wanted.limit, " are taken"));
  }
  reservation.set_reservation_id(wanted.reservation_id);
  reservation.set_quota_id(wanted.quota_id);
  reservation.set_amount(wanted.amount);
  reservation.set_holder_key(wanted.holder_key);
  BeginTerm(wanted.term, reservation, tx);
  tx.Put(reservation);
  RETURN_IF_ERROR(AddTaken(wanted.quota_id, wanted.amount, tx));
  return reservation;
}

absl::Status Hold(const Reservation& reservation, Transaction& tx) {
  if (reservation.reservation_id().empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::optional<HeldPlaces> found, tx.Find<HeldPlaces>(reservation.reservation_id()));
  const int64_t seen = found.has_value() ? found->term() : 0;
  if (seen == reservation.term() && !found->released()) return absl::OkStatus();
  if (seen >= reservation.term() || tx.now() >= ToTime(reservation.expire_time())) {
    return absl::AbortedError("the places were reserved for a time that has passed; try again");
  }
  HeldPlaces held = found.value_or(HeldPlaces());
  held.set_reservation_id(reservation.reservation_id());
  held.set_quota_id(reservation.quota_id());
  held.set_term(reservation.term());
  held.set_released(false);
  tx.Put(held);
  return PostNews(held.quota_id(), kConfirmReservation, held, tx);
}

absl::Status GiveUp(absl::string_view reservation_id, Transaction& tx) {
  ASSIGN_OR_RETURN(std::optional<HeldPlaces> held, tx.Find<HeldPlaces>(reservation_id));
  if (!held.has_value() || held->released()) return absl::OkStatus();
  held->set_released(true);
  tx.Put(*held);
  return PostNews(held->quota_id(), kReleaseReservation, *held, tx);
}

absl::Status EndTerm(absl::string_view reservation_id, Transaction& tx) {
  ASSIGN_OR_RETURN(const Reservation reservation, tx.Get<Reservation>(reservation_id));
  if (reservation.state() != Reservation::STATE_RESERVED) return absl::OkStatus();
  return PostNews(reservation.holder_key(), kAskHolder, reservation, tx);
}

absl::Status Confirm(const ReservationNews& news, Transaction& tx) {
  ASSIGN_OR_RETURN(Reservation reservation, tx.Get<Reservation>(news.reservation_id()));
  if (reservation.term() != news.term() || reservation.state() != Reservation::STATE_RESERVED) {
    return absl::OkStatus();
  }
  reservation.set_state(Reservation::STATE_CONFIRMED);
  tx.Put(reservation);
  CancelTimer(kReservationEnds, news.reservation_id(), tx);
  return absl::OkStatus();
}

absl::Status Release(const ReservationNews& news, Transaction& tx) {
  ASSIGN_OR_RETURN(Reservation reservation, tx.Get<Reservation>(news.reservation_id()));
  if (reservation.term() != news.term() || reservation.state() == Reservation::STATE_RELEASED) {
    return absl::OkStatus();
  }
  reservation.set_state(Reservation::STATE_RELEASED);
  tx.Put(reservation);
  CancelTimer(kReservationEnds, news.reservation_id(), tx);
  return AddTaken(reservation.quota_id(), -reservation.amount(), tx);
}

absl::Status AskHolder(const ReservationNews& news, Transaction& tx) {
  ASSIGN_OR_RETURN(std::optional<HeldPlaces> held, tx.Find<HeldPlaces>(news.reservation_id()));
  const int64_t seen = held.has_value() ? held->term() : 0;
  if (seen == news.term() && !held->released()) {
    return PostNews(news.quota_id(), kConfirmReservation, *held, tx);
  }
  // From now on it is not decided by that reservation any more.
  if (seen < news.term()) {
    HeldPlaces never = held.value_or(HeldPlaces());
    never.set_reservation_id(news.reservation_id());
    never.set_quota_id(news.quota_id());
    never.set_term(news.term());
    never.set_released(true);
    tx.Put(never);
  }
  return PostNews(news.quota_id(), kReleaseReservation, news, tx);
}

}  // namespace makegood::rules
