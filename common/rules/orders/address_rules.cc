#include "common/rules/orders/address_rules.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/enum_word.h"
#include "common/base/status.h"
#include "common/rules/messages.h"
#include "common/rules/orders/contact_steps.h"
#include "common/rules/orders/hold_table.h"
#include "common/rules/orders/order_actions.h"
#include "common/rules/orders/order_states.h"
#include "common/rules/policy/terms.h"
#include "common/rules/scope.h"
#include "common/rules/timers.h"

namespace makegood::rules {
namespace {

using base::v1::AddressZone;
using events::v1::Event;
using orders::v1::AddressChange;
using orders::v1::ChangeAddressRequest;
using orders::v1::ContactDetails;
using orders::v1::DeliveryAddress;

constexpr auto kHold = base::v1::HOLD_NAME_ADDRESS_UNCONFIRMED;

// DLV-09: who looks at an address abroad.
bool MayVerify(const base::v1::Actor& actor) {
  return actor.role() == base::v1::ROLE_STORE_MANAGER || actor.role() == base::v1::ROLE_STORE_DIRECTOR ||
         actor.role() == base::v1::ROLE_OPERATIONS || actor.role() == base::v1::ROLE_SERVICE;
}

// DLV-01: who says how far an address is, and what delivery there costs.
bool MayNameTerms(const base::v1::Actor& actor) {
  return actor.role() != base::v1::ROLE_CUSTOMER && actor.role() != base::v1::ROLE_RECIPIENT;
}

// What the policy asks for that zone; what is paid now where it says nothing.
int64_t FeeOfZone(AddressZone zone, const base::v1::Money& now, const Policy& policy) {
  for (const base::v1::ZoneFee& of_zone : policy.deliveries().zone_fees()) {
    if (of_zone.zone() == zone && of_zone.fee().currency() == now.currency()) {
      return of_zone.fee().amount_minor();
    }
  }
  return now.amount_minor();
}

// DLV-01, DLV-09: customer and recipient say of another address that it is farther, and no more.
absl::Status MayNameZone(const ChangeAddressRequest& request, AddressZone known, bool leaves_country,
                         const base::v1::Actor& actor) {
  if (!MayNameTerms(actor) && (!request.has_details() || request.zone() < known)) {
    return Denied("DLV-01",
                  "that an address is nearer, or how far the one is that stays, is said by the store's "
                  "people and Operations");
  }
  if (known == base::v1::ADDRESS_ZONE_INTERNATIONAL && !leaves_country && !MayVerify(actor)) {
    return Denied("DLV-09", "an address abroad is looked at by Operations or the store's managers");
  }
  return absl::OkStatus();
}

// How far it is by a request. Another country is abroad, whatever is told; from there it may come home.
absl::StatusOr<AddressZone> ZoneFor(const ChangeAddressRequest& request, AddressZone known,
                                    const ContactDetails& before, const base::v1::Actor& actor) {
  const std::string& country = request.details().country();
  const bool is_abroad = known == base::v1::ADDRESS_ZONE_INTERNATIONAL;
  const bool is_told = request.zone() != base::v1::ADDRESS_ZONE_UNSPECIFIED;
  if (!country.empty() && before.country().empty() && !is_told && !is_abroad) {
    return Refusal("DLV-09", "of a country where none was known it is told how far that is: the zone");
  }
  const bool leaves_country = !country.empty() && !before.country().empty() && country != before.country();
  const bool differs = is_told && request.zone() != known;
  if (differs) RETURN_IF_ERROR(MayNameZone(request, known, leaves_country, actor));
  if (leaves_country && !(is_abroad && differs)) return base::v1::ADDRESS_ZONE_INTERNATIONAL;
  return differs ? request.zone() : known;
}

// DLV-01: the fee that was charged stays within its zone, whatever the zone costs others. By the word of a
// customer or recipient it is no lower.
absl::StatusOr<int64_t> FeeFor(const ChangeAddressRequest& request, AddressZone zone,
                               const DeliveryAddress& address, const Policy& policy,
                               const base::v1::Actor& actor) {
  if (!request.has_delivery_fee()) {
    const int64_t now = address.fee().amount_minor();
    const int64_t fee = zone == address.zone() ? now : FeeOfZone(zone, address.fee(), policy);
    return MayNameTerms(actor) ? fee : std::max(fee, now);
  }
  if (!MayNameTerms(actor)) {
    return Denied("DLV-01", "what delivery costs is named by the store's people and Operations");
  }
  if (request.delivery_fee().currency() != address.fee().currency()) {
    return InvalidFields(
        {{"delivery_fee.currency", absl::StrCat("is not the order's, ", address.fee().currency())}});
  }
  return request.delivery_fee().amount_minor();
}

// What an address comes to by a request: zone and fee, and whether it can be delivered to then.
struct Wanted {
  AddressZone zone = base::v1::ADDRESS_ZONE_UNSPECIFIED;
  int64_t fee_minor = 0;
  DeliveryAddress::State state = DeliveryAddress::STATE_CONFIRMED;
  bool as_it_was = false;  // it is confirmed, and nothing else
};

absl::StatusOr<Wanted> WantedBy(const ChangeAddressRequest& request, const DeliveryAddress& address,
                                const ContactDetails& before, const Policy& policy,
                                const base::v1::Actor& actor) {
  Wanted wanted;
  ASSIGN_OR_RETURN(wanted.zone, ZoneFor(request, address.zone(), before, actor));
  const bool moves = request.has_details() || wanted.zone != address.zone();
  ASSIGN_OR_RETURN(wanted.fee_minor, FeeFor(request, wanted.zone, address, policy, actor));
  wanted.as_it_was = !moves && wanted.fee_minor == address.fee().amount_minor();
  if (wanted.as_it_was && address.state() == DeliveryAddress::STATE_CONFIRMED) {
    return Refusal("DLV-01", "the address is confirmed, and nothing else is told of it");
  }
  const bool sure = address.state() == DeliveryAddress::STATE_CONFIRMED && !moves;
  if (wanted.zone == base::v1::ADDRESS_ZONE_INTERNATIONAL && !sure && !MayVerify(actor)) {
    if (wanted.as_it_was && address.state() == DeliveryAddress::STATE_UNVERIFIED) {
      return Denied("DLV-09", "an address abroad is looked at by Operations or the store's managers");
    }
    wanted.state = DeliveryAddress::STATE_UNVERIFIED;
  }
  return wanted;
}

// The recipient has answered, or nobody is asked any more.
void EndWait(Order& order, Transaction& tx) {
  order.mutable_address()->clear_confirm_due_time();
  CancelTimer(kAddressDue, order.order_id(), tx);
}

// Held, and asked for: of the recipient (DLV-02) or of Operations (DLV-09).
void HoldAndAsk(Order& order, const StepTime& moment, Transaction& tx) {
  PlaceHoldStep(order, kHold, kAddressHold, "", tx);
  Event event = OrderEvent(order, moment);
  events::v1::AddressAsked& fact = *event.mutable_address_asked();
  fact.set_to_be_confirmed(order.address().state() == DeliveryAddress::STATE_TO_BE_CONFIRMED);
  if (fact.to_be_confirmed()) fact.set_contact_id(order.recipient_contact_id());
  if (order.address().has_confirm_due_time()) {
    *fact.mutable_due_time() = order.address().confirm_due_time();
  }
  tx.Emit(std::move(event));
}

void Add(int64_t amount_minor, base::v1::Money& money) {
  money.set_amount_minor(money.amount_minor() + amount_minor);
}

// DLV-01: what goes back of all that was charged: first of what surcharges for a farther address were paid
// for, which is what goes beyond the order's own fee, and then of that.
struct Less {
  int64_t of_surcharges = 0;
  int64_t of_fee = 0;
};
Less LowerFee(int64_t fee_minor, Order& order) {
  const int64_t charged = order.address().fee().amount_minor();
  const int64_t own = order.delivery_fee().amount_minor();
  const int64_t all = std::max<int64_t>(0, charged - fee_minor);
  Less less;
  less.of_surcharges = std::clamp<int64_t>(charged - own, 0, all);
  less.of_fee = std::min(all - less.of_surcharges, order.delivery_fee_given_back() ? 0 : own);
  Add(-less.of_fee, *order.mutable_delivery_fee());
  Add(-less.of_fee, *order.mutable_total());
  Add(-less.of_fee - less.of_surcharges, *order.mutable_address()->mutable_fee());
  return less;
}

// The change is in effect. What gives money back is the last that the commit tells of the order.
void TakeEffect(const Wanted& wanted, const std::string& change_id, Order& order, Transaction& tx) {
  const bool was_confirmed = order.address().state() == DeliveryAddress::STATE_CONFIRMED;
  EndWait(order, tx);
  order.mutable_address()->set_zone(wanted.zone);
  order.mutable_address()->set_state(wanted.state);
  const Less less = LowerFee(wanted.fee_minor, order);
  ReleaseHoldStep(order, kHold, change_id, change_id, tx);
  if (wanted.state == DeliveryAddress::STATE_CONFIRMED) {
    ReleaseHoldStep(order, kHold, kAddressHold, "", tx);
  } else {
    HoldAndAsk(order, {tx.now()}, tx);
  }
  Event event = OrderEvent(order, {tx.now()});
  event.set_case_id(change_id);
  events::v1::AddressChanged& fact = *event.mutable_address_changed();
  fact.set_zone(wanted.zone);
  *fact.mutable_fee() = order.address().fee();
  const std::string& currency = order.total().currency();
  if (less.of_fee > 0) *fact.mutable_fee_given_back() = MakeMoney(less.of_fee, currency);
  if (less.of_surcharges > 0) {
    *fact.mutable_surcharges_given_back() = MakeMoney(less.of_surcharges, currency);
  }
  *fact.mutable_total() = order.total();
  fact.set_confirmed(!was_confirmed && wanted.state == DeliveryAddress::STATE_CONFIRMED && wanted.as_it_was);
  tx.Emit(std::move(event));
}

// PAY-02: it waits to be paid for, and the order is held from here on.
absl::Status AwaitPayment(const ChangeAddressRequest& request, const ContactDetails& details,
                          const Wanted& wanted, Order& order, Transaction& tx) {
  RETURN_IF_ERROR(MayPlaceHold(order));
  AddressChange& change = *order.mutable_address_change();
  change.set_change_id(tx.NewId(kAddressHold));
  if (request.has_details()) change.set_contact_id(NewContact(order, details, tx));
  change.set_zone(wanted.zone);
  const std::string& currency = order.address().fee().currency();
  *change.mutable_fee() = MakeMoney(wanted.fee_minor, currency);
  *change.mutable_difference() = MakeMoney(wanted.fee_minor - order.address().fee().amount_minor(), currency);
  *change.mutable_create_time() = ToTimestamp(tx.now());
  EndWait(order, tx);
  PlaceHoldStep(order, kHold, change.change_id(), change.change_id(), tx);
  Event event = OrderEvent(order, {tx.now()});
  event.set_case_id(change.change_id());
  event.mutable_address_change_asked()->set_zone(change.zone());
  *event.mutable_address_change_asked()->mutable_difference() = change.difference();
  tx.Emit(std::move(event));
  return absl::OkStatus();
}

// It is paid for. Somebody still looks at what is abroad (DLV-09).
absl::Status TakeEffectPaid(const AddressChange& change, Order& order, Transaction& tx) {
  const DeliveryAddress before = order.address();
  if (!change.contact_id().empty()) {
    ASSIGN_OR_RETURN(const Contact contact, tx.Get<Contact>(change.contact_id()));
    RETURN_IF_ERROR(SendTo(contact.details(), change.contact_id(), order, tx));
  }
  Wanted wanted;
  wanted.zone = change.zone();
  wanted.fee_minor = change.fee().amount_minor();
  const bool moves = !change.contact_id().empty() || change.zone() != before.zone();
  const bool sure = before.state() == DeliveryAddress::STATE_CONFIRMED && !moves;
  if (wanted.zone == base::v1::ADDRESS_ZONE_INTERNATIONAL && !sure) {
    wanted.state = DeliveryAddress::STATE_UNVERIFIED;
  }
  TakeEffect(wanted, change.change_id(), order, tx);
  return absl::OkStatus();
}

// It is not paid for: the old address stays, and nobody's details are kept for nothing (SYS-09).
absl::Status Drop(const AddressChange& change, Order& order, Transaction& tx) {
  if (!change.contact_id().empty()) RETURN_IF_ERROR(EmptyContact(change.contact_id(), tx));
  ReleaseHoldStep(order, kHold, change.change_id(), change.change_id(), tx);
  Event event = OrderEvent(order, {tx.now()});
  event.set_case_id(change.change_id());
  event.mutable_address_change_dropped()->set_still_held(
      CanBeHeld(order) && order.address().state() != DeliveryAddress::STATE_CONFIRMED);
  tx.Emit(std::move(event));
  return absl::OkStatus();
}

}  // namespace

DeliveryAddress NewAddress(const orders::v1::NewOrder& request, const base::v1::Money& fee) {
  DeliveryAddress address;
  address.set_zone(request.zone());
  *address.mutable_fee() = fee;
  const bool abroad = request.zone() == base::v1::ADDRESS_ZONE_INTERNATIONAL;
  address.set_state(request.address_to_be_confirmed()       ? DeliveryAddress::STATE_TO_BE_CONFIRMED
                    : abroad && !request.address_verified() ? DeliveryAddress::STATE_UNVERIFIED
                                                            : DeliveryAddress::STATE_CONFIRMED);
  return address;
}

DeliveryAddress AddressOf(const Order& order) {
  if (order.has_address()) return order.address();
  DeliveryAddress address;
  address.set_state(DeliveryAddress::STATE_CONFIRMED);
  *address.mutable_fee() = order.delivery_fee();
  return address;
}

absl::Status AskForAddress(Order& order, const StepTime& moment, Transaction& tx) {
  if (order.address().state() == DeliveryAddress::STATE_CONFIRMED) return absl::OkStatus();
  if (!IsBeforeHandover(order.state())) {
    order.mutable_address()->set_state(DeliveryAddress::STATE_CONFIRMED);
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const Policy* const policy, tx.policies().At(order.policy()));
  const int hours = policy->deliveries().confirm_address_within_hours();
  const bool asks = order.address().state() == DeliveryAddress::STATE_TO_BE_CONFIRMED && !moment.imported;
  if (asks && hours > 0) {
    const absl::Time due = moment.time + absl::Hours(hours);
    *order.mutable_address()->mutable_confirm_due_time() = ToTimestamp(due);
    SetTimer(kAddressDue, order.order_id(), due, tx);
  }
  HoldAndAsk(order, moment, tx);
  return absl::OkStatus();
}

absl::Status SendElsewhere(const ChangeAddressRequest& request, Order& order, Transaction& tx) {
  ASSIGN_OR_RETURN(const Policy* const policy, tx.policies().At(order.policy()));
  *order.mutable_address() = AddressOf(order);
  ASSIGN_OR_RETURN(const Contact recipient, tx.Get<Contact>(order.recipient_contact_id()));
  ASSIGN_OR_RETURN(const Wanted wanted,
                   WantedBy(request, order.address(), recipient.details(), *policy, tx.actor()));
  if (recipient.has_erase_time()) return Refusal("SYS-09", "the recipient's details were erased");
  const ContactDetails details = AddressedTo(recipient.details(), request.details());
  const ContactDetails& where = request.has_details() ? details : recipient.details();
  const bool nowhere = where.address_lines().empty() && where.city().empty();
  if (order.address().state() == DeliveryAddress::STATE_TO_BE_CONFIRMED && nowhere) {
    return Refusal("DLV-02", "there is no address to confirm yet: say where the goods go");
  }
  if (wanted.fee_minor > order.address().fee().amount_minor()) {
    RETURN_IF_ERROR(CheckCharged(*policy, base::v1::SURCHARGE_KIND_FARTHER_ADDRESS));
    return AwaitPayment(request, details, wanted, order, tx);
  }
  if (request.has_details()) RETURN_IF_ERROR(SendTo(details, "", order, tx));
  TakeEffect(wanted, tx.NewId(kAddressHold), order, tx);
  return absl::OkStatus();
}

absl::StatusOr<Order> ChangeAddress(const ChangeAddressRequest& request, Transaction& tx) {
  ASSIGN_OR_RETURN(Order order, Begin(kChangeAddress, request.order_id(), tx));
  RETURN_IF_ERROR(SendElsewhere(request, order, tx));
  tx.Put(order);
  return Shown(std::move(order), tx);
}

absl::Status EndAddressWait(absl::string_view order_id, Transaction& tx) {
  ASSIGN_OR_RETURN(Order order, tx.Get<Order>(order_id));
  const bool waits = order.address().state() == DeliveryAddress::STATE_TO_BE_CONFIRMED &&
                     order.address().has_confirm_due_time();
  if (!waits || !CanBeHeld(order)) return absl::OkStatus();
  order.mutable_address()->clear_confirm_due_time();
  Event event = OrderEvent(order, {tx.now()});
  event.mutable_address_unanswered();
  tx.Emit(std::move(event));
  tx.Put(order);
  return absl::OkStatus();
}

absl::Status FollowSurcharge(const Event& event, Transaction& tx) {
  const events::v1::SurchargeMoved& moved = event.surcharge_moved();
  const bool paid = moved.state() == base::v1::SURCHARGE_STATE_PAID;
  const bool ended = paid || moved.state() == base::v1::SURCHARGE_STATE_DECLINED ||
                     moved.state() == base::v1::SURCHARGE_STATE_VOIDED ||
                     moved.state() == base::v1::SURCHARGE_STATE_EXPIRED;
  if (moved.kind() != base::v1::SURCHARGE_KIND_FARTHER_ADDRESS || !ended) return absl::OkStatus();
  ASSIGN_OR_RETURN(Order order, tx.Get<Order>(event.order_id()));
  // What was paid for an order that is over goes back with it (ORD-03).
  const bool counts = paid && !IsFinal(order.state());
  const bool waited = order.has_address_change() && order.address_change().change_id() == moved.cause_id();
  if (!counts && !waited) return absl::OkStatus();
  if (counts) {
    *order.mutable_address() = AddressOf(order);
    Add(moved.amount().amount_minor(), *order.mutable_address()->mutable_fee());
  }
  if (waited) {
    const AddressChange change = order.address_change();
    order.clear_address_change();
    RETURN_IF_ERROR(counts ? TakeEffectPaid(change, order, tx) : Drop(change, order, tx));
  }
  tx.Put(order);
  return absl::OkStatus();
}

}  // namespace makegood::rules
