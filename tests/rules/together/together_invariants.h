// What holds between the desks whatever has happened.
#pragma once

#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "common/rules/orders/hold_table.h"
#include "common/rules/orders/order_states.h"
#include "common/rules/work/work_records.h"
#include "tests/rules/payments/money_invariants.h"
#include "tests/rules/together/together_world.h"
#include "tests/support/work_support.h"

namespace makegood::testing {

// Looks at a world after each step, and remembers what must not change any more.
class TogetherInvariants {
 public:
  void Check(const TogetherWorld& world) {
    money_.Check(world.payments);
    CheckUnits(world);
    CheckGrantsOfCases(world);
    CheckIncidents(world);
    CheckAddress(world.order());
    CheckHolds(world.order());
    CheckOneWay(world);
    CheckFinalStates(world);
  }

  // WRK-01: what waits for people is what events have told, each in its commit.
  static void CheckWorkTold(const TogetherWorld& world) {
    RC_ASSERT(WorkTold(world.orders.events()) ==
              (WorkOn<orders::v1::Order, Incident, rules::Delivery>(world.orders)));
    RC_ASSERT(WorkTold(world.claims.events()) == (WorkOn<Claim, Withdrawal>(world.claims)));
    RC_ASSERT(WorkTold(world.payments.events()) ==
              (WorkOn<Account, Refund, CreditNote, Surcharge>(world.payments)));
  }

  // ORD-07, RFD-08: with everything heard, what is to be sent as not arrived is no case's.
  static void CheckOneWay(const TogetherWorld& world) {
    const auto delivery = world.orders.Find<rules::Delivery>("o-1").value_or(rules::Delivery());
    if (!world.AllIsHeard() || delivery.state() != rules::Delivery::STATE_NOT_ARRIVED) return;
    const auto units = world.claims.Find<claims::v1::OrderUnits>("o-1").value_or(claims::v1::OrderUnits());
    for (const auto& by_case : units.taken()) {
      for (const auto& [line_id, count] : ByLine(by_case.units())) RC_ASSERT(count == 0);
    }
  }

  // ORD-12: what is over is held by nothing.
  static void CheckHolds(const orders::v1::Order& order) {
    RC_ASSERT(!rules::IsFinal(order.state()) || order.holds().empty());
  }

  // WRK-01: with everything heard the list is that of all desks.
  static void CheckWorkListed(const TogetherWorld& world) {
    std::set<std::string> listed;
    for (const rules::Work& work : world.orders.All<rules::Work>()) {
      if (rules::IsOpen(work)) listed.insert(work.item().SerializeAsString());
    }
    std::set<std::string> waiting = WorkOn<orders::v1::Order, Incident, rules::Delivery>(world.orders);
    waiting.merge(WorkOn<Claim, Withdrawal>(world.claims));
    waiting.merge(WorkOn<Account, Refund, CreditNote, Surcharge>(world.payments));
    RC_ASSERT(listed == waiting);
  }

 private:
  template <typename Units>
  static std::map<std::string, int> ByLine(const Units& units) {
    std::map<std::string, int> by_line;
    for (const auto& of : units) by_line[of.line_id()] += of.quantity();
    return by_line;
  }

  // CLM-01, RFD-08: each unit is taken off or somebody's case's, once. What is another case's by now is not
  // counted for the one that a reship made good.
  static void CheckUnits(const TogetherWorld& world) {
    std::map<std::string, int> taken;
    const auto units = world.claims.Find<claims::v1::OrderUnits>("o-1").value_or(claims::v1::OrderUnits());
    for (const auto& by_case : units.taken()) {
      for (const auto& [line_id, count] : ByLine(by_case.units())) taken[line_id] += count;
    }
    const orders::v1::Order order = world.order();
    for (const orders::v1::OrderLine& line : order.lines()) {
      RC_ASSERT(line.taken_off() + taken[line.line_id()] <= line.quantity());
    }
  }

  // AVL-02, ORD-12: what an incident holds is held as long as it is open, and no longer.
  static void CheckIncidents(const TogetherWorld& world) {
    std::set<std::string> held;
    const orders::v1::Order order = world.order();
    for (const orders::v1::Hold& hold : order.holds()) {
      if (rules::IsOfIncident(hold.reference_id())) RC_ASSERT(held.insert(hold.reference_id()).second);
    }
    std::set<std::string> holding;
    int of_picks = 0;
    for (const Incident& incident : world.orders.All<Incident>()) {
      if (!rules::IsOpen(incident)) continue;
      of_picks += incident.source() == base::v1::INCIDENT_SOURCE_PICK ? 1 : 0;
      if (incident.source() != base::v1::INCIDENT_SOURCE_TIMER) holding.insert(incident.incident_id());
    }
    RC_ASSERT(of_picks <= 1);
    RC_ASSERT(std::includes(holding.begin(), holding.end(), held.begin(), held.end()));
  }

  // DLV-01, DLV-02, DLV-09, PAY-02: an order costs its lines and its fee; without an address that it can be
  // delivered to, and while another one waits to be paid for, it is held.
  static void CheckAddress(const orders::v1::Order& order) {
    int64_t total = order.delivery_fee().amount_minor();
    for (const orders::v1::OrderLine& line : order.lines()) {
      total += line.unit_price_minor() * (line.quantity() - line.taken_off());
    }
    RC_ASSERT(order.total().amount_minor() == total);
    RC_ASSERT(order.delivery_fee().amount_minor() >= 0);
    RC_ASSERT(order.address().fee().amount_minor() >= order.delivery_fee().amount_minor());
    if (!rules::CanBeHeld(order)) return;
    const auto is_held = [&](absl::string_view reference) {
      return std::any_of(order.holds().begin(), order.holds().end(),
                         [&](const orders::v1::Hold& hold) { return hold.reference_id() == reference; });
    };
    RC_ASSERT(is_held(rules::kAddressHold) ==
              (order.address().state() != orders::v1::DeliveryAddress::STATE_CONFIRMED));
    if (order.has_address_change()) RC_ASSERT(is_held(order.address_change().change_id()));
  }

  // RFD-09: a case's grant is over no more than the case is, and of a withdrawal no more is ready than came
  // back (CLM-08).
  static void CheckGrantsOfCases(const TogetherWorld& world) {
    for (const RefundGrant& grant : world.payments.All<RefundGrant>()) {
      std::map<std::string, int> most;
      std::map<std::string, int> back;
      if (grant.reason() == base::v1::REFUND_REASON_CLAIM) {
        const auto claim = world.claims.Find<Claim>(grant.case_id());
        RC_ASSERT(claim.has_value());
        RC_ASSERT(claim->refund_asked());
        most = back = ByLine(claim->units());
      } else if (grant.reason() == base::v1::REFUND_REASON_WITHDRAWAL) {
        const auto withdrawal = world.claims.Find<Withdrawal>(grant.case_id());
        RC_ASSERT(withdrawal.has_value());
        most = ByLine(withdrawal->units());
        back = ByLine(withdrawal->returned_units());
      } else {
        continue;
      }
      for (const payments::v1::GrantedItem& item : grant.items()) {
        if (item.kind() != SoldItem::KIND_LINE) continue;
        RC_ASSERT(item.quantity() <= most[item.item_id()]);
        RC_ASSERT(item.ready() <= back[item.item_id()]);
      }
    }
  }

  // ORD-11, CLM-08, CLM-13, ORD-05: what was final stays as it was.
  void CheckFinalStates(const TogetherWorld& world) {
    const auto stays = [this](const std::string& id, int state, bool final) {
      const auto known = final_.find(id);
      if (known != final_.end()) RC_ASSERT(known->second == state);
      if (final) final_[id] = state;
    };
    for (const Incident& incident : world.orders.All<Incident>()) {
      stays(incident.incident_id(), incident.outcome(), !rules::IsOpen(incident));
    }
    const orders::v1::Order order = world.order();
    stays("order", order.state(), rules::IsFinal(order.state()));
    stays("correction", order.correction().state(),
          order.correction().state() == orders::v1::Correction::STATE_SETTLED);
    for (const Claim& claim : world.claims.All<Claim>()) {
      stays(claim.claim_id(), claim.state(), !rules::IsOpen(claim) && claim.state() != Claim::STATE_REJECTED);
    }
    for (const Withdrawal& withdrawal : world.claims.All<Withdrawal>()) {
      stays(withdrawal.withdrawal_id(), withdrawal.state(), !rules::IsOpen(withdrawal));
    }
  }

  MoneyInvariants money_;
  std::map<std::string, int> final_;
};

}  // namespace makegood::testing
