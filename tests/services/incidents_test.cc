// Incidents as the orders service serves them (AVL-02, AVL-03, AVL-07).
#include "makegood/incidents/v1/incidents_service.grpc.pb.h"
#include "makegood/orders/v1/work_service.grpc.pb.h"
#include "tests/services/orders_fixture.h"

namespace makegood::testing {
namespace {

using incidents::v1::ChooseOptionRequest;
using incidents::v1::GetIncidentRequest;
using incidents::v1::Incident;
using incidents::v1::IncidentsService;
using incidents::v1::ListIncidentsRequest;
using incidents::v1::PickResult;
using incidents::v1::RecordPickRequest;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class IncidentsTest : public OrdersTest {
 protected:
  absl::StatusOr<PickResult> Pick(int quantity, const Actor& actor = Employee(),
                                  absl::string_view request_id = "") {
    RecordPickRequest request;
    request.set_order_id("o-1");
    request.add_units()->set_line_id(Get().lines(0).line_id());
    request.mutable_units(0)->set_quantity(quantity);
    return Call(actor, &IncidentsService::Stub::RecordPick, request, request_id);
  }

  std::vector<Incident> List(const Actor& actor, ListIncidentsRequest request = {}) {
    const auto page = Call(actor, &IncidentsService::Stub::ListIncidents, request);
    EXPECT_THAT(page, IsOk());
    if (!page.ok()) return {};
    return {page->incidents().begin(), page->incidents().end()};
  }

  std::vector<std::string> OpenWork(const Actor& actor) {
    orders::v1::ListWorkRequest request;
    const auto page = Call(actor, &orders::v1::WorkService::Stub::ListWork, request);
    EXPECT_THAT(page, IsOk());
    std::vector<std::string> kinds;
    if (!page.ok()) return kinds;
    for (const auto& work : page->work()) kinds.push_back(base::v1::WorkKind_Name(work.item().kind()));
    return kinds;
  }
};

TEST_F(IncidentsTest, AVL_02_AVL_03_WRK_01_AShortPickIsChosenAboutAndCredited) {
  constexpr int kWanted = 3;
  NewOrder order = SomeOrder("o-1");
  order.set_payment_method(base::v1::PAYMENT_METHOD_CASH_ON_DELIVERY);
  order.mutable_lines(0)->set_quantity(kWanted);
  ASSERT_THAT(Create(order), IsOk());
  const auto picked = Pick(kWanted - 1, Employee(), "pick-1");
  ASSERT_THAT(picked, IsOk());
  EXPECT_FALSE(picked->complete());
  const std::string id = picked->incident().incident_id();
  const auto again = Pick(kWanted - 1, Employee(), "pick-1");
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->incident().incident_id(), id) << "a repetition is one pick (SYS-02)";
  service_.Settle();
  EXPECT_THAT(OpenWork(Customer()), ElementsAre("WORK_KIND_CHOOSE_OPTION"));
  EXPECT_THAT(OpenWork(Manager()), SizeIs(2)) << "what the store's orders wait for, and nothing twice";

  ListIncidentsRequest urgent;
  urgent.set_most_urgent_first(true);
  EXPECT_THAT(List(Operations(), urgent), SizeIs(1));
  EXPECT_THAT(List(Customer()), SizeIs(1));
  EXPECT_THAT(List(Manager("m-2")), IsEmpty());
  GetIncidentRequest get;
  get.set_incident_id(id);
  EXPECT_THAT(Call(Manager("m-2"), &IncidentsService::Stub::GetIncident, get), DeniedBy("ROL-11"));

  ChooseOptionRequest choice;
  choice.set_incident_id(id);
  choice.set_option(base::v1::INCIDENT_OPTION_CREDIT_MISSING);
  EXPECT_THAT(Call(Customer("c-2"), &IncidentsService::Stub::ChooseOption, choice), DeniedBy("ROL-08"));
  auto preview = choice;
  preview.mutable_command()->set_validate_only(true);
  ASSERT_THAT(Call(Customer(), &IncidentsService::Stub::ChooseOption, preview), IsOk());
  EXPECT_EQ(Get().lines(0).taken_off(), 0) << "a preview changes nothing (SYS-03)";
  const auto chosen = Call(Customer(), &IncidentsService::Stub::ChooseOption, choice);
  ASSERT_THAT(chosen, IsOk());
  EXPECT_EQ(chosen->outcome(), base::v1::INCIDENT_OUTCOME_CREDITED);
  service_.Settle();
  EXPECT_EQ(Get().lines(0).taken_off(), 1);
  EXPECT_THAT(Get().holds(), IsEmpty());
  EXPECT_THAT(OpenWork(Operations()), IsEmpty());
}

TEST_F(IncidentsTest, AVL_07_SYS_05_AnOrderThatDoesNotLeaveIsOverdueByATimer) {
  NewOrder order = SomeOrder("o-1");
  order.set_payment_method(base::v1::PAYMENT_METHOD_CASH_ON_DELIVERY);
  *order.mutable_promised_ship_time() = rules::ToTimestamp(At("2026-09-03T18:00+02:00"));
  ASSERT_THAT(Create(order), IsOk());
  service_.Settle();
  service_.MoveTo(At("2026-09-05T17:59+02:00"));
  EXPECT_THAT(List(Operations()), IsEmpty());
  service_.MoveTo(At("2026-09-05T18:00+02:00"));
  const std::vector<Incident> overdue = List(Operations());
  ASSERT_THAT(overdue, SizeIs(1));
  EXPECT_EQ(overdue[0].kind(), base::v1::INCIDENT_KIND_OVERDUE);
  EXPECT_THAT(OpenWork(Manager()), ElementsAre("WORK_KIND_EXPEDITE"));
  ASSERT_THAT(Call(Employee(), &OrdersService::Stub::HandOver, About<HandOverRequest>("o-1")), IsOk());
  service_.Settle();
  EXPECT_EQ(List(Operations())[0].outcome(), base::v1::INCIDENT_OUTCOME_SHIPPED);
  EXPECT_THAT(OpenWork(Manager()), IsEmpty());
}

}  // namespace
}  // namespace makegood::testing
