// A desk with an order of two lines on it that should leave in two days, and what befalls it before that.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/enum_word.h"
#include "common/rules/incidents/incident_records.h"
#include "common/rules/incidents/incident_rules.h"
#include "common/rules/incidents/incident_steps.h"
#include "common/rules/incidents/supplier_tasks.h"
#include "common/rules/messages.h"
#include "common/rules/orders/order_intake.h"
#include "common/rules/orders/order_rules.h"
#include "common/rules/orders/order_stock.h"
#include "tests/support/orders_support.h"
#include "tests/support/rules_support.h"

namespace makegood::rules {

using base::v1::IncidentKind;
using base::v1::IncidentOption;
using events::v1::Event;
using incidents::v1::ChooseOptionRequest;
using incidents::v1::PickResult;
using incidents::v1::RecordPickRequest;
using incidents::v1::ReportIncidentRequest;
using orders::v1::NewOrder;
using testing::About;
using testing::At;
using testing::Auditor;
using testing::CancelFor;
using testing::Connector;
using testing::Courier;
using testing::CreateRequest;
using testing::Customer;
using testing::DeniedBy;
using testing::Director;
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

// How many units of which lines.
using LineUnits = std::vector<std::pair<std::string, int>>;

class Incidents : public ::testing::Test {
 protected:
  static constexpr IncidentOption kAwait = base::v1::INCIDENT_OPTION_AWAIT_RESTOCK;
  static constexpr IncidentOption kCredit = base::v1::INCIDENT_OPTION_CREDIT_MISSING;
  static constexpr IncidentOption kCancel = base::v1::INCIDENT_OPTION_CANCEL_ORDER;

  // l-1 with three units of 10.00 and l-2 with two of 5.00, and 2.00 for the delivery: 42.00, cash on
  // delivery.
  NewOrder OrderFor(absl::string_view marketplace) const {
    NewOrder order = SomeOrder();
    order.set_marketplace(std::string(marketplace));
    order.set_currency(marketplace == "tmall" ? "CNY" : marketplace == "flowwow" ? "TRY" : "EUR");
    order.set_payment_method(base::v1::PAYMENT_METHOD_CASH_ON_DELIVERY);
    order.clear_lines();
    AddLine("l-1", "sku-1", 3, 1000, order);
    AddLine("l-2", "sku-2", 2, 500, order);
    *order.mutable_delivery_fee() = MakeMoney(200, order.currency());
    *order.mutable_promised_ship_time() = ToTimestamp(promised_);
    return order;
  }

  // A desk of its own, with that order alone and what has followed from its creation.
  void Create(const NewOrder& order) {
    desk_ = testing::Desk(placed_);
    followed_ = 0;
    EXPECT_THAT(desk_.As(Service()).Decide(CreateOrder, CreateRequest(order)), IsOk());
    Follow();
  }

  // The same, OPEN.
  void OrderOn(absl::string_view marketplace) {
    Create(OrderFor(marketplace));
    EXPECT_EQ(TheOrder().state(), Order::STATE_OPEN);
  }

  // Of a line that is not told nothing was picked.
  static RecordPickRequest PickOf(LineUnits units, absl::Time restock = absl::InfinitePast()) {
    for (const char* line : {"l-1", "l-2"}) {
      const bool told =
          std::any_of(units.begin(), units.end(), [&](const auto& one) { return one.first == line; });
      if (!told) units.emplace_back(line, 0);
    }
    auto request = About<RecordPickRequest>("o-1");
    for (const auto& [line, quantity] : units) {
      incidents::v1::PickedUnits& picked = *request.add_units();
      picked.set_line_id(line);
      picked.set_quantity(quantity);
    }
    if (restock > absl::InfinitePast()) *request.mutable_restock_time() = ToTimestamp(restock);
    return request;
  }

  absl::StatusOr<PickResult> Pick(const LineUnits& units, absl::Time restock = absl::InfinitePast(),
                                  const base::v1::Actor& actor = Employee()) {
    return desk_.As(actor).Decide(RecordPick, PickOf(units, restock));
  }

  absl::StatusOr<PickResult> PickAll() { return Pick({{"l-1", 3}, {"l-2", 2}}); }

  // One unit of l-1 is missing.
  Incident Short(absl::Time restock = absl::InfinitePast()) {
    EXPECT_THAT(Pick({{"l-1", 2}, {"l-2", 2}}, restock), IsOk());
    return TheIncident();
  }

  // All of l-2 is another product.
  absl::StatusOr<PickResult> PickWrong() {
    RecordPickRequest request = PickOf({{"l-1", 3}, {"l-2", 2}});
    request.mutable_units(1)->set_sku("sku-9");
    return desk_.As(Employee()).Decide(RecordPick, request);
  }

  absl::StatusOr<Incident> Report(IncidentKind kind, const base::v1::Actor& actor = Manager()) {
    auto request = About<ReportIncidentRequest>("o-1");
    request.set_kind(kind);
    return desk_.As(actor).Decide(ReportIncident, request);
  }

  ChooseOptionRequest ChoiceOf(IncidentOption option) const {
    ChooseOptionRequest request;
    request.set_incident_id(TheIncident().incident_id());
    request.set_option(option);
    return request;
  }

  absl::StatusOr<Incident> Choose(IncidentOption option, const base::v1::Actor& actor = Customer()) {
    return desk_.As(actor).Decide(ChooseOption, SentBy(actor, ChoiceOf(option)));
  }

  // The supplier will do what they were asked for.
  void AnswerAll() {
    const Incident incident = TheIncident();
    for (const incidents::v1::SupplierTask& task : incident.supplier_tasks()) {
      incidents::v1::AnswerSupplierTaskRequest request;
      request.set_incident_id(incident.incident_id());
      request.set_task(task.kind());
      request.set_answer(base::v1::SUPPLIER_ANSWER_WILL_DO);
      EXPECT_THAT(desk_.As(Employee()).Decide(AnswerSupplierTask, request), IsOk());
    }
  }

  absl::StatusOr<Order> Send() {
    return desk_.As(Employee()).Decide(HandOver, About<orders::v1::HandOverRequest>("o-1"));
  }

  // The customer does not want them any more.
  absl::StatusOr<Order> TakeOff(absl::string_view line, int quantity) {
    auto request = About<orders::v1::TakeOffUnitsRequest>("o-1");
    request.set_reason(base::v1::REFUND_REASON_CUSTOMER_REQUEST);
    orders::v1::TakenOffUnits& units = *request.add_units();
    units.set_line_id(std::string(line));
    units.set_quantity(quantity);
    return desk_.As(Customer()).Decide(TakeOffUnits, request);
  }

  Order TheOrder() const { return desk_.Find<Order>("o-1").value_or(Order()); }

  // The one that was told last.
  Incident TheIncident() const { return Now(Last(&Event::has_incident_opened).case_id()); }
  Incident Now(absl::string_view incident_id) const {
    return desk_.Find<Incident>(incident_id).value_or(Incident());
  }

  // The last event of that kind.
  Event Last(bool (Event::*is)() const) const {
    const std::vector<Event> found = desk_.Events(is);
    if (found.empty()) ADD_FAILURE() << "no such event";
    return found.empty() ? Event() : found.back();
  }

  // What the events bring about that have not been followed, and what follows from that.
  void Follow() {
    const base::v1::Actor actor = desk_.actor();
    for (; followed_ < desk_.events().size(); ++followed_) {
      const Event event = desk_.events()[followed_];
      EXPECT_THAT(desk_.As(Service()).Decide(FollowOrder, event), IsOk()) << event.ShortDebugString();
    }
    // The merchant's part hears what it is told of the stock.
    for (const Task& post : desk_.Tasks(kTellStock)) {
      EXPECT_THAT(desk_.Complete(post.id, [](Transaction&) { return absl::OkStatus(); }), IsOk());
    }
    desk_.As(actor);
  }

  // Each at its own time, and what follows from it.
  void RunTimersUntil(absl::Time time) {
    Follow();
    for (std::optional<Task> next = NextBy(time); next.has_value(); next = NextBy(time)) {
      desk_.MoveTo(std::max(desk_.now(), next->due));
      const absl::Status fired = Fire(*next);
      if (!fired.ok()) {
        ADD_FAILURE() << next->id << ": " << fired;
        return;
      }
      Follow();
    }
    desk_.MoveTo(time);
  }

  // ---- In short.

  // "short_pick".
  template <typename E>
  static std::string Word(E value) {
    return absl::AsciiStrToLower(EnumWord(value));
  }

  // "l-1 2", and what was picked in their place: "l-2 1 sku-9".
  static std::vector<std::string> UnitsOf(const Incident& incident) {
    std::vector<std::string> all;
    for (const incidents::v1::IncidentUnits& units : incident.units()) {
      all.push_back(absl::StrCat(units.line_id(), " ", units.quantity(),
                                 units.picked_sku().empty() ? "" : " ", units.picked_sku()));
    }
    return all;
  }

  // "credit_missing 1000".
  static std::vector<std::string> OptionsOf(const Incident& incident) {
    std::vector<std::string> all;
    for (const incidents::v1::OfferedOption& offered : incident.options()) {
      all.push_back(Word(offered.option()));
      if (offered.has_amount()) absl::StrAppend(&all.back(), " ", offered.amount().amount_minor());
    }
    return all;
  }

  // "verified 1 employee-1".
  static std::vector<std::string> LogOf(const Incident& incident) {
    std::vector<std::string> all;
    for (const incidents::v1::IncidentLogEntry& entry : incident.log()) {
      all.push_back(absl::StrCat(Word(entry.kind()), " ", entry.quantity(), " ", entry.actor().actor_id()));
    }
    return all;
  }

  // "stock_shortage incident-03-…".
  std::vector<std::string> Holds() const {
    std::vector<std::string> all;
    const Order order = TheOrder();
    for (const orders::v1::Hold& hold : order.holds()) {
      all.push_back(absl::StrCat(Word(hold.name()), " ", hold.reference_id()));
    }
    return all;
  }

  // The kinds of what is open.
  std::vector<std::string> Open() const {
    std::vector<std::string> all;
    for (const Incident& incident : desk_.All<Incident>()) {
      if (IsOpen(incident)) all.push_back(Word(incident.kind()));
    }
    return all;
  }

  const absl::Time placed_ = At("2026-09-01T10:00+02:00");
  const absl::Time promised_ = placed_ + absl::Hours(48);
  testing::Desk desk_{placed_};

 private:
  static void AddLine(absl::string_view line_id, absl::string_view sku, int quantity, int64_t price,
                      NewOrder& order) {
    orders::v1::NewOrderLine& line = *order.add_lines();
    line.set_line_id(std::string(line_id));
    line.set_sku(std::string(sku));
    line.set_quantity(quantity);
    *line.mutable_unit_price() = MakeMoney(price, order.currency());
    line.set_vat_basis_points(2100);
  }

  std::optional<Task> NextBy(absl::Time time) const {
    std::optional<Task> next;
    for (const auto& [id, task] : desk_.tasks()) {
      if (task.due <= time && (!next.has_value() || task.due < next->due)) next = task;
    }
    return next;
  }

  absl::Status Fire(const Task& task) {
    desk_.As(Service());
    if (task.kind == kChoiceDue) return desk_.Complete(task.id, EndChoice, task.payload);
    if (task.kind == kRestockDue) return desk_.Complete(task.id, EndRestock, task.payload);
    if (task.kind == kShipmentOverdue) return desk_.Complete(task.id, MarkShipmentOverdue, task.payload);
    if (task.kind == kShipmentNoStock) return desk_.Complete(task.id, MarkNoStock, task.payload);
    if (task.kind == kSupplierDue) return desk_.Complete(task.id, EndSupplierTerm, task.payload);
    return absl::InternalError(absl::StrCat("whose timer is ", task.kind, "?"));
  }

  size_t followed_ = 0;
};

}  // namespace makegood::rules
