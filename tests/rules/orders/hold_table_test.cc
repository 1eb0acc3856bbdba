// Who places and who releases which hold, and what a hold blocks (ORD-12).
#include "common/rules/orders/hold_table.h"

#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/enum_word.h"
#include "common/rules/orders/order_actions.h"
#include "tests/rules/orders/order_fixture.h"

namespace makegood::rules {
namespace {

using base::v1::HoldName;
using testing::Connector;
using testing::Employee;

// A caller of each role who could reach order o-1 of c-1001 at m-1.
const std::map<std::string, base::v1::Actor>& Callers() {
  static const auto* const callers = new std::map<std::string, base::v1::Actor>{
      {"customer", Customer()},          {"courier", Courier()},       {"connector", Connector()},
      {"auditor", testing::Auditor()},   {"employee", Employee()},     {"manager", Manager()},
      {"director", testing::Director()}, {"operations", Operations()}, {"service", Service()}};
  return *callers;
}

struct WhoMay {
  std::set<std::string> place;
  std::set<std::string> release;
};

// As the book has it.
std::map<HoldName, WhoMay> Book() {
  const std::set<std::string> services = {"service"};
  const std::set<std::string> leaders = {"manager", "director", "operations", "service"};
  const std::set<std::string> everybody = {"employee", "manager", "director", "operations", "service"};
  return {{base::v1::HOLD_NAME_AWAITING_PAYMENT, {services, services}},
          {base::v1::HOLD_NAME_AWAITING_SURCHARGE, {services, services}},
          {base::v1::HOLD_NAME_ADDRESS_UNCONFIRMED, {everybody, leaders}},
          {base::v1::HOLD_NAME_STOCK_SHORTAGE, {everybody, leaders}},
          {base::v1::HOLD_NAME_UNDER_INCIDENT, {everybody, leaders}},
          {base::v1::HOLD_NAME_STORE_HIDDEN, {leaders, leaders}}};
}

ReleaseHoldRequest Release(HoldName hold) {
  auto request = About<ReleaseHoldRequest>("o-1");
  request.set_hold(hold);
  return request;
}

class HoldTableTest : public OrderRulesTest {
 protected:
  // Whether the order as it is tells this caller that `action` is theirs to take.
  bool IsOffered(const base::v1::Actor& actor, absl::string_view action) {
    Order order = Now();
    FillActions(order, actor, desk_.now(), testing::ShippedPolicies());
    for (const base::v1::AvailableAction& one : order.available_actions()) {
      if (one.action() == action) return one.allowed();
    }
    return false;
  }
};

TEST_F(HoldTableTest, ORD_12_EveryHoldHasOneRow) {
  std::set<HoldName> rows;
  for (const HoldRule& rule : HoldRules()) EXPECT_TRUE(rows.insert(rule.hold).second);
  EXPECT_EQ(rows.size(), static_cast<size_t>(base::v1::HoldName_descriptor()->value_count() - 1));
}

TEST_F(HoldTableTest, ORD_12_FMJ_01_TheTableSaysWhoPlacesAndWhoReleases) {
  OrderIn(Order::STATE_OPEN);
  for (const auto& [hold, may] : Book()) {
    for (const auto& [name, actor] : Callers()) {
      const std::string what = absl::StrCat(EnumWord(hold), " by ", name);
      const auto placed = desk_.As(actor).Decide(PlaceHold, HoldFor(hold));
      EXPECT_EQ(placed.ok(), may.place.contains(name)) << what;
      if (!placed.ok()) {
        EXPECT_EQ(placed.status().code(), absl::StatusCode::kPermissionDenied) << what;
      }
      ASSERT_THAT(desk_.As(Service()).Decide(PlaceHold, HoldFor(hold)), IsOk());

      EXPECT_EQ(IsOffered(actor, "ReleaseHold"), may.release.contains(name)) << what;
      const auto released = desk_.As(actor).Decide(ReleaseHold, Release(hold));
      EXPECT_EQ(released.ok(), may.release.contains(name)) << what;
      if (!released.ok()) {
        EXPECT_EQ(released.status().code(), absl::StatusCode::kPermissionDenied) << what;
      }
      ASSERT_THAT(desk_.As(Service()).Decide(ReleaseHold, Release(hold)), IsOk());
    }
  }
}

TEST_F(HoldTableTest, ORD_12_ARefusalNamesTheHoldAndWhoMay) {
  OrderIn(Order::STATE_OPEN);
  const auto placed = desk_.As(Employee()).Decide(PlaceHold, HoldFor(base::v1::HOLD_NAME_STORE_HIDDEN));
  EXPECT_THAT(placed, DeniedBy("ORD-12"));
  EXPECT_THAT(
      std::string(placed.status().message()),
      HasSubstr("STORE_HIDDEN is placed by these roles alone: store manager, store director, operations, "
                "service"));
  ASSERT_THAT(desk_.As(Service()).Decide(PlaceHold, HoldFor(base::v1::HOLD_NAME_AWAITING_PAYMENT)), IsOk());
  const auto released =
      desk_.As(Operations()).Decide(ReleaseHold, Release(base::v1::HOLD_NAME_AWAITING_PAYMENT));
  EXPECT_THAT(released, DeniedBy("ORD-12"));
  EXPECT_THAT(std::string(released.status().message()),
              HasSubstr("AWAITING_PAYMENT is released by these roles alone: service"));
}

TEST_F(HoldTableTest, ORD_12_OneHoldThatIsTheirsIsEnoughForTheAction) {
  OrderIn(Order::STATE_OPEN);
  ASSERT_THAT(desk_.As(Service()).Decide(PlaceHold, HoldFor(base::v1::HOLD_NAME_AWAITING_SURCHARGE)), IsOk());
  EXPECT_FALSE(IsOffered(Manager(), "ReleaseHold"));
  ASSERT_THAT(desk_.Decide(PlaceHold, HoldFor(base::v1::HOLD_NAME_STOCK_SHORTAGE)), IsOk());
  EXPECT_TRUE(IsOffered(Manager(), "ReleaseHold"));
}

TEST_F(HoldTableTest, ORD_12_EachHoldBlocksTheHandoverByAnybodyAndNotPicking) {
  OrderIn(Order::STATE_OPEN);
  bool picked = false;
  for (const auto& [hold, may] : Book()) {
    ASSERT_THAT(desk_.As(Service()).Decide(PlaceHold, HoldFor(hold)), IsOk());
    if (!std::exchange(picked, true)) {
      EXPECT_THAT(desk_.As(Manager()).Decide(StartShipping, About<StartShippingRequest>("o-1")), IsOk());
    }
    for (const base::v1::Actor& actor : {Employee(), Manager(), Service()}) {
      const auto refused = desk_.As(actor).Decide(HandOver, About<HandOverRequest>("o-1"));
      EXPECT_THAT(refused, RefusedBy("ORD-12"));
      EXPECT_THAT(std::string(refused.status().message()), HasSubstr(std::string(EnumWord(hold))));
    }
    ASSERT_THAT(desk_.As(Service()).Decide(ReleaseHold, Release(hold)), IsOk());
  }
  EXPECT_THAT(desk_.As(Manager()).Decide(HandOver, About<HandOverRequest>("o-1")), IsOk());
}

TEST_F(HoldTableTest, ORD_12_AnOrderThatIsOverIsHeldByNothing) {
  OrderIn(Order::STATE_OPEN);
  ASSERT_THAT(
      desk_.As(Service()).Decide(PlaceHold, HoldFor(base::v1::HOLD_NAME_AWAITING_SURCHARGE, "surcharge-1")),
      IsOk());
  ASSERT_THAT(desk_.As(Manager()).Decide(PlaceHold, HoldFor(base::v1::HOLD_NAME_STORE_HIDDEN)), IsOk());
  ASSERT_THAT(desk_.As(Manager()).Decide(CancelOrder, CancelFor(base::v1::INITIATOR_CUSTOMER,
                                                                base::v1::CANCEL_REASON_CUSTOMER_REQUEST)),
              IsOk());
  EXPECT_THAT(Now().holds(), ::testing::IsEmpty());
  EXPECT_THAT(desk_.Events(&Event::has_hold_released), ::testing::SizeIs(2));
  EXPECT_TRUE(desk_.events().back().has_order_cancelled()) << "what gives money back is told last";
  auto release = Release(base::v1::HOLD_NAME_AWAITING_SURCHARGE);
  release.set_reference_id("surcharge-1");
  ASSERT_THAT(desk_.As(Service()).Decide(ReleaseHold, release), IsOk()) << "payments ask for that later";
  EXPECT_THAT(desk_.last_events(), ::testing::IsEmpty());
}

}  // namespace
}  // namespace makegood::rules
