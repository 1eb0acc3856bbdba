// A desk with a gift for ₺1,000 and its delivery for ₺120 on it, and what befalls it on the way.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/enum_word.h"
#include "common/rules/deliveries/delivery_actions.h"
#include "common/rules/deliveries/delivery_rules.h"
#include "common/rules/incidents/incident_records.h"
#include "common/rules/incidents/incident_rules.h"
#include "common/rules/incidents/incident_steps.h"
#include "common/rules/messages.h"
#include "common/rules/orders/fastcentrik_rules.h"
#include "common/rules/orders/order_intake.h"
#include "common/rules/orders/order_rules.h"
#include "tests/support/orders_support.h"
#include "tests/support/rules_support.h"

namespace makegood::rules {

using base::v1::Taker;
using deliveries::v1::Attempt;
using deliveries::v1::HandoverResult;
using deliveries::v1::Interception;
using events::v1::Event;
using testing::About;
using testing::At;
using testing::Connector;
using testing::Courier;
using testing::CreateRequest;
using testing::Customer;
using testing::DeliveredAt;
using testing::DeniedBy;
using ::testing::ElementsAre;
using testing::Employee;
using ::testing::HasSubstr;
using testing::HoldFor;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::Manager;
using testing::NamesField;
using ::testing::Not;
using testing::Operations;
using testing::RefusedBy;
using testing::SentBy;
using testing::Service;
using ::testing::SizeIs;
using testing::SomeOrder;
using ::testing::UnorderedElementsAre;

class Deliveries : public ::testing::Test {
 protected:
  Deliveries() { OrderOn("flowwow"); }

  // A desk of its own with that order alone, OPEN.
  void OrderOn(absl::string_view marketplace,
               base::v1::AddressZone zone = base::v1::ADDRESS_ZONE_UNSPECIFIED) {
    orders::v1::NewOrder order = SomeOrder();
    order.set_marketplace(std::string(marketplace));
    order.set_currency(marketplace == "flowwow" ? "TRY" : marketplace == "tmall" ? "CNY" : "EUR");
    order.set_payment_method(base::v1::PAYMENT_METHOD_CASH_ON_DELIVERY);
    *order.mutable_lines(0)->mutable_unit_price() = MakeMoney(100'000, order.currency());
    *order.mutable_delivery_fee() = MakeMoney(12'000, order.currency());
    order.mutable_recipient()->set_name("Ayşe Demir");
    order.set_zone(zone);
    order.set_address_verified(true);
    desk_ = testing::Desk(day_);
    followed_ = 0;
    EXPECT_THAT(desk_.As(Service()).Decide(CreateOrder, CreateRequest(order)), IsOk());
    Follow();
  }

  // ---- What couriers and others tell, at a time of the day: "14:00".

  void AtTime(absl::string_view time) { RunTimersUntil(At(absl::StrCat("2026-09-02T", time, "+03:00"))); }

  template <typename Reply, typename Request>
  absl::StatusOr<Reply> Tell(absl::StatusOr<Reply> (*decide)(const Request&, Transaction&),
                             const base::v1::Actor& actor, Request request = {}) {
    request.set_order_id("o-1");
    const absl::StatusOr<Reply> reply = desk_.As(actor).Decide(decide, SentBy(actor, request));
    if (reply.ok()) Follow();
    return reply;
  }

  absl::StatusOr<Delivery> Leave(absl::string_view courier = "courier-1") {
    deliveries::v1::DispatchRequest request;
    request.set_courier_id(std::string(courier));
    return Tell(Dispatch, Employee(), request);
  }
  absl::StatusOr<Delivery> Arrive() { return Tell(RecordArrival, Courier()); }
  absl::StatusOr<Delivery> Reached(bool coming) {
    deliveries::v1::RecordContactRequest request;
    request.set_coming(coming);
    return Tell(RecordContact, Courier(), request);
  }
  absl::StatusOr<Delivery> Back() { return Tell(RecordParcelBack, Employee()); }
  absl::StatusOr<Delivery> Recall() { return Tell(RecallCourier, Manager()); }
  absl::StatusOr<HandoverResult> HandTo(Taker taker, absl::string_view name = "",
                                        absl::string_view word = "") {
    deliveries::v1::HandOverParcelRequest request;
    request.set_taker(taker);
    request.set_taker_name(std::string(name));
    request.set_consent_word(std::string(word));
    return Tell(HandOverParcel, Courier(), request);
  }
  absl::StatusOr<Delivery> Allow(Taker taker, const base::v1::Actor& actor = Customer()) {
    deliveries::v1::AllowThirdPersonRequest request;
    request.add_takers(taker);
    return Tell(AllowThirdPerson, actor, request);
  }
  // To a carrier, of whose people nothing is told.
  absl::StatusOr<Order> Send() {
    orders::v1::HandOverRequest request;
    request.set_carrier("DHL");
    return Tell(HandOverAndDispatch, Employee(), request);
  }
  absl::StatusOr<Delivery> Intercept(deliveries::v1::InterceptionReason reason,
                                     const base::v1::Actor& actor = Customer()) {
    deliveries::v1::RequestInterceptionRequest request;
    request.set_reason(reason);
    return Tell(RequestInterception, actor, request);
  }
  absl::StatusOr<Delivery> Answered(deliveries::v1::InterceptionAnswer answer) {
    deliveries::v1::RecordInterceptionRequest request;
    request.set_answer(answer);
    return Tell(RecordInterception, Employee(), request);
  }
  // By a report of that alone.
  absl::StatusOr<Order> Report() { return Tell(RecordDelivery, Service(), DeliveredAt(desk_.now())); }
  // What claims tell of a case of the order.
  absl::Status Case(const std::string& case_id, void (*tells)(Event&)) {
    Event event = EventAbout(TheOrder(), case_id);
    tells(event);
    const absl::Status heard = desk_.As(Service()).Decide(FollowCase, event);
    Follow();
    return heard;
  }
  static void IsOpened(Event& event) { event.mutable_claim_opened(); }
  static void IsRetracted(Event& event) { event.mutable_claim_retracted(); }

  absl::StatusOr<incidents::v1::Incident> Choose(base::v1::IncidentOption option) {
    incidents::v1::ChooseOptionRequest request;
    request.set_incident_id(Last(&Event::has_incident_opened).case_id());
    request.set_option(option);
    const auto chosen = desk_.As(Customer()).Decide(ChooseOption, request);
    if (chosen.ok()) Follow();
    return chosen;
  }

  // ---- What has come of it.

  Order TheOrder() const { return desk_.Find<Order>("o-1").value_or(Order()); }
  Delivery Now() const { return desk_.Find<Delivery>("o-1").value_or(Delivery()); }

  Event Last(bool (Event::*is)() const) const {
    const std::vector<Event> found = desk_.Events(is);
    if (found.empty()) ADD_FAILURE() << "no such event";
    return found.empty() ? Event() : found.back();
  }
  size_t Count(bool (Event::*is)() const) const { return desk_.Events(is).size(); }

  template <typename E>
  static std::string Word(E value) {
    return absl::AsciiStrToLower(EnumWord(value));
  }

  // "with_courier".
  std::string State() const { return Word(Now().state()); }
  // "shipped returning".
  std::string OrderState() const {
    const Order order = TheOrder();
    return absl::StrCat(
        Word(order.state()), order.whereabouts() == Order::WHEREABOUTS_UNSPECIFIED ? "" : " ",
        order.whereabouts() == Order::WHEREABOUTS_UNSPECIFIED ? "" : Word(order.whereabouts()));
  }
  // "14:15".
  std::string WaitsUntil() const {
    return Now().has_wait_until_time()
               ? absl::FormatTime("%H:%M", ToTime(Now().wait_until_time()), absl::FixedTimeZone(3 * 3600))
               : "";
  }
  // "nobody_there", of what is open.
  std::vector<std::string> Trouble() const {
    std::vector<std::string> all;
    for (const Incident& incident : desk_.All<Incident>()) {
      if (IsOpen(incident)) all.push_back(Word(incident.kind()));
    }
    return all;
  }
  // "nobody_there sent_again", of what is over.
  std::vector<std::string> Ended() const {
    std::vector<std::string> all;
    for (const Incident& incident : desk_.All<Incident>()) {
      if (!IsOpen(incident))
        all.push_back(absl::StrCat(Word(incident.kind()), " ", Word(incident.outcome())));
    }
    return all;
  }
  // "courier bring_back", of order and delivery.
  std::vector<std::string> Work() const {
    std::vector<std::string> all;
    for (const auto& waiting :
         {RecordTraits<Delivery>::Waiting(Now()), RecordTraits<Order>::Waiting(TheOrder())}) {
      for (const base::v1::WorkItem& item : waiting) {
        all.push_back(absl::StrCat(Word(item.turn()), " ", Word(item.kind())));
      }
    }
    return all;
  }
  // "bring_back by 16:00", of order and delivery.
  std::vector<std::string> Due() const {
    std::vector<std::string> all;
    for (const auto& waiting :
         {RecordTraits<Delivery>::Waiting(Now()), RecordTraits<Order>::Waiting(TheOrder())}) {
      for (const base::v1::WorkItem& item : waiting) {
        EXPECT_TRUE(item.has_due_time()) << Word(item.kind());
        all.push_back(absl::StrCat(
            Word(item.kind()), " by ",
            absl::FormatTime("%d %H:%M", ToTime(item.due_time()), absl::FixedTimeZone(3 * 3600))));
      }
    }
    return all;
  }
  // What that caller may do.
  std::vector<std::string> Allowed(const base::v1::Actor& actor) const {
    Shipment shipment{TheOrder(), Now()};
    CatchUp(shipment.order, shipment.delivery);
    FillActions(shipment, actor, desk_.now(), testing::ShippedPolicies());
    std::vector<std::string> all;
    for (const auto& action : shipment.delivery.available_actions()) {
      if (action.allowed()) all.push_back(action.action());
    }
    return all;
  }

  // What the events bring about that have not been followed, and what follows from that.
  void Follow() {
    const base::v1::Actor actor = desk_.actor();
    for (; followed_ < desk_.events().size(); ++followed_) {
      const Event event = desk_.events()[followed_];
      EXPECT_THAT(desk_.As(Service()).Decide(FollowOrder, event), IsOk()) << event.ShortDebugString();
      EXPECT_THAT(desk_.Decide(FollowDelivery, event), IsOk()) << event.ShortDebugString();
    }
    desk_.As(actor);
  }

  void RunTimersUntil(absl::Time time) {
    for (std::optional<Task> next = NextBy(time); next.has_value(); next = NextBy(time)) {
      desk_.MoveTo(std::max(desk_.now(), next->due));
      desk_.As(Service());
      EXPECT_THAT(next->kind == kCourierWait ? desk_.Complete(next->id, EndWait, next->payload)
                                             : desk_.Complete(next->id, EndChoice, next->payload),
                  IsOk());
      Follow();
    }
    desk_.MoveTo(time);
  }

  const absl::Time day_ = At("2026-09-02T10:00+03:00");
  testing::Desk desk_{day_};

 private:
  std::optional<Task> NextBy(absl::Time time) const {
    std::optional<Task> next;
    for (const auto& [id, task] : desk_.tasks()) {
      if (task.kind != kCourierWait && task.kind != kChoiceDue) continue;
      if (task.due <= time && (!next.has_value() || task.due < next->due)) next = task;
    }
    return next;
  }

  size_t followed_ = 0;
};

}  // namespace makegood::rules
