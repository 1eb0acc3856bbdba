// Stock as the orders service serves it, and as orders, picks and cancellations reach it (AVL-01 to AVL-03).
#include <atomic>
#include <random>

#include "makegood/incidents/v1/incidents_service.grpc.pb.h"
#include "makegood/orders/v1/work_service.grpc.pb.h"
#include "makegood/stores/v1/stores_service.grpc.pb.h"
#include "tests/services/orders_fixture.h"

namespace makegood::testing {
namespace {

using incidents::v1::IncidentsService;
using incidents::v1::RecordPickRequest;
using stores::v1::GetOfferRequest;
using stores::v1::ListOffersRequest;
using stores::v1::Offer;
using stores::v1::SetStockRequest;
using stores::v1::SetStockResponse;
using stores::v1::StoresService;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr char kSku[] = "sku-1";

class StoresTest : public OrdersTest {
 protected:
  absl::StatusOr<SetStockResponse> Set(int64_t stock, const std::string& sku = kSku,
                                       const Actor& actor = Employee(), absl::string_view request_id = "") {
    SetStockRequest request;
    request.set_merchant_id("m-1");
    request.set_marketplace("mall");
    request.add_items()->set_sku(sku);
    request.mutable_items(0)->set_stock(stock);
    return Call(actor, &StoresService::Stub::SetStock, request, request_id);
  }

  absl::StatusOr<Offer> Read(const Actor& actor = Operations(), const std::string& sku = kSku) {
    GetOfferRequest request;
    request.set_merchant_id("m-1");
    request.set_sku(sku);
    return Call(actor, &StoresService::Stub::GetOffer, request);
  }

  std::string Figures(const std::string& sku = kSku) {
    service_.Settle();
    const auto offer = Read(Operations(), sku);
    EXPECT_THAT(offer, IsOk());
    if (!offer.ok()) return "";
    return absl::StrCat(offer->stock(), " there, ", offer->reserved(), " promised, ", offer->owed(),
                        " owed, ", offer->available(), " available");
  }

  void Order(const std::string& order_id, int quantity, const std::string& sku = kSku) {
    NewOrder order = SomeOrder(order_id);
    order.mutable_lines(0)->set_sku(sku);
    order.set_payment_method(base::v1::PAYMENT_METHOD_CASH_ON_DELIVERY);
    order.mutable_lines(0)->set_quantity(quantity);
    ASSERT_THAT(Create(order), IsOk());
  }

  absl::Status Pick(const std::string& order_id, int quantity) {
    RecordPickRequest request;
    request.set_order_id(order_id);
    request.add_units()->set_line_id("1");
    request.mutable_units(0)->set_quantity(quantity);
    return Call(Employee(), &IncidentsService::Stub::RecordPick, request).status();
  }

  absl::Status Cancel(const std::string& order_id) {
    return Call(Operations(), &OrdersService::Stub::CancelOrder,
                CancelFor(base::v1::INITIATOR_CUSTOMER, base::v1::CANCEL_REASON_CUSTOMER_REQUEST, order_id))
        .status();
  }

  bool WaitsForGoods(const std::string& order_id) {
    const auto order = Get(order_id);
    return std::any_of(order.holds().begin(), order.holds().end(), [](const orders::v1::Hold& hold) {
      return hold.name() == base::v1::HOLD_NAME_STOCK_SHORTAGE;
    });
  }

  std::vector<std::string> OpenWork(const Actor& actor) {
    service_.Settle();
    const auto page = Call(actor, &orders::v1::WorkService::Stub::ListWork, orders::v1::ListWorkRequest());
    EXPECT_THAT(page, IsOk());
    std::vector<std::string> kinds;
    if (!page.ok()) return kinds;
    for (const auto& work : page->work()) {
      std::string commands;
      for (const std::string& one : work.commands()) absl::StrAppend(&commands, " ", one);
      kinds.push_back(absl::StrCat(base::v1::WorkKind_Name(work.item().kind()), commands));
    }
    return kinds;
  }

  std::vector<std::string> List(ListOffersRequest request, const Actor& actor = Employee()) {
    std::vector<std::string> skus;
    const auto page = Call(actor, &StoresService::Stub::ListOffers, request);
    EXPECT_THAT(page, IsOk());
    if (!page.ok()) return skus;
    for (const Offer& offer : page->offers()) skus.push_back(offer.sku());
    return skus;
  }
};

TEST_F(StoresTest, AVL_01_AVL_02_Pick5Ship5FallsBy5OnceAndTheNextOrderWaitsUntilARestock) {
  ASSERT_THAT(Set(5), IsOk());
  Order("o-1", 5);
  EXPECT_EQ(Figures(), "5 there, 5 promised, 0 owed, 0 available");
  EXPECT_FALSE(WaitsForGoods("o-1"));
  ASSERT_THAT(Pick("o-1", 5), IsOk());
  EXPECT_EQ(Figures(), "0 there, 0 promised, 0 owed, 0 available");
  ASSERT_THAT(Call(Employee(), &OrdersService::Stub::HandOver, About<HandOverRequest>("o-1")), IsOk());
  EXPECT_EQ(Figures(), "0 there, 0 promised, 0 owed, 0 available");

  Order("o-2", 2);
  EXPECT_EQ(Figures(), "0 there, 0 promised, 2 owed, 0 available");
  EXPECT_TRUE(WaitsForGoods("o-2"));
  EXPECT_THAT(OpenWork(Manager()), ElementsAre("WORK_KIND_CONFIRM_STOCK SetStock RecordPick"));
  EXPECT_THAT(Call(Employee(), &OrdersService::Stub::HandOver, About<HandOverRequest>("o-2")),
              RefusedBy("ORD-12"));
  ASSERT_THAT(Set(3), IsOk());
  EXPECT_EQ(Figures(), "3 there, 2 promised, 0 owed, 1 available");
  EXPECT_FALSE(WaitsForGoods("o-2"));
  EXPECT_THAT(OpenWork(Manager()), IsEmpty());
}

TEST_F(StoresTest, AVL_02_AShortPickCorrectsTheRecordOnceAndACancellationGivesBack) {
  ASSERT_THAT(Set(10), IsOk());
  Order("o-1", 4);
  Order("o-2", 3);
  EXPECT_EQ(Figures(), "10 there, 7 promised, 0 owed, 3 available");
  ASSERT_THAT(Pick("o-1", 3), IsOk());
  EXPECT_EQ(Figures(), "0 there, 3 promised, 1 owed, 0 available") << "of 10 there were 3";
  EXPECT_TRUE(WaitsForGoods("o-1"));
  EXPECT_THAT(Get("o-1").holds(), SizeIs(1)) << "its incident holds it";
  ASSERT_THAT(Set(4), IsOk());
  EXPECT_EQ(Figures(), "4 there, 4 promised, 0 owed, 0 available");
  EXPECT_TRUE(WaitsForGoods("o-1")) << "its incident is not over";
  ASSERT_THAT(Pick("o-1", 4), IsOk());
  EXPECT_EQ(Figures(), "3 there, 3 promised, 0 owed, 0 available");
  EXPECT_FALSE(WaitsForGoods("o-1"));
  ASSERT_THAT(Cancel("o-1"), IsOk());
  EXPECT_EQ(Figures(), "7 there, 3 promised, 0 owed, 4 available");
  ASSERT_THAT(Cancel("o-2"), IsOk());
  EXPECT_EQ(Figures(), "7 there, 0 promised, 0 owed, 7 available");
}

TEST_F(StoresTest, AVL_02_AShortPickThatIsSettledAtOnceCorrectsTheRecordAllTheSame) {
  constexpr int kOrders = 40;
  for (int i = 0; i < kOrders; ++i) {
    const std::string sku = absl::StrCat("sku-", i);
    ASSERT_THAT(Set(10, sku), IsOk());
    Order(absl::StrCat("o-", i), 3, sku);
    ASSERT_THAT(Pick(absl::StrCat("o-", i), 2), IsOk());
    incidents::v1::ListIncidentsRequest list;
    list.set_order_id(absl::StrCat("o-", i));
    const auto found = Call(Operations(), &IncidentsService::Stub::ListIncidents, list);
    ASSERT_THAT(found, IsOk());
    ASSERT_THAT(found->incidents(), SizeIs(1));
    incidents::v1::ChooseOptionRequest credit;
    credit.set_incident_id(found->incidents(0).incident_id());
    credit.set_option(base::v1::INCIDENT_OPTION_CREDIT_MISSING);
    ASSERT_THAT(Call(Customer(), &IncidentsService::Stub::ChooseOption, credit), IsOk());
  }
  for (int i = 0; i < kOrders; ++i) {
    EXPECT_EQ(Figures(absl::StrCat("sku-", i)), "0 there, 0 promised, 0 owed, 0 available");
    EXPECT_THAT(Get(absl::StrCat("o-", i)).holds(), IsEmpty());
  }
}

TEST_F(StoresTest, AVL_03_APickOfEverythingFreesWhatTheFigureHeld) {
  ASSERT_THAT(Set(1), IsOk());
  Order("o-1", 4);
  service_.Settle();
  EXPECT_TRUE(WaitsForGoods("o-1"));
  ASSERT_THAT(Pick("o-1", 4), IsOk());
  EXPECT_EQ(Figures(), "0 there, 0 promised, 0 owed, 0 available");
  EXPECT_THAT(Get("o-1").holds(), IsEmpty());
}

TEST_F(StoresTest, AVL_04_WhatIsReportedGoneIsNotOfferedAgainByItsCancellation) {
  ASSERT_THAT(Set(6), IsOk());
  Order("o-1", 2);
  service_.Settle();
  incidents::v1::ReportIncidentRequest report;
  report.set_order_id("o-1");
  report.set_kind(base::v1::INCIDENT_KIND_NO_STOCK);
  ASSERT_THAT(Call(Manager(), &IncidentsService::Stub::ReportIncident, report), IsOk());
  EXPECT_EQ(Get("o-1").state(), orders::v1::Order::STATE_CANCELLED);
  EXPECT_EQ(Figures(), "0 there, 0 promised, 0 owed, 0 available");
}

TEST_F(StoresTest, AVL_07_AnOrderThatWaitsForItsMerchantsGoodsIsOverdueAllTheSame) {
  ASSERT_THAT(Set(0), IsOk());
  NewOrder order = SomeOrder("o-1");
  order.set_payment_method(base::v1::PAYMENT_METHOD_CASH_ON_DELIVERY);
  *order.mutable_promised_ship_time() = rules::ToTimestamp(At("2026-09-03T18:00+02:00"));
  ASSERT_THAT(Create(order), IsOk());
  service_.Settle();
  EXPECT_TRUE(WaitsForGoods("o-1"));
  service_.MoveTo(At("2026-09-05T18:00+02:00"));
  const auto found =
      Call(Operations(), &IncidentsService::Stub::ListIncidents, incidents::v1::ListIncidentsRequest());
  ASSERT_THAT(found, IsOk());
  ASSERT_THAT(found->incidents(), SizeIs(1));
  EXPECT_EQ(found->incidents(0).kind(), base::v1::INCIDENT_KIND_OVERDUE);
}

TEST_F(StoresTest, ROL_11_ROL_12_OffersAreListedByWhatTheyAreAndToTheirStore) {
  ASSERT_THAT(Set(50, "PLENTY"), IsOk());
  ASSERT_THAT(Set(2, "FEW"), IsOk());
  ASSERT_THAT(Set(0, "NONE", Connector()), IsOk());
  stores::v1::DelistOfferRequest delist;
  delist.set_merchant_id("m-1");
  delist.set_sku("PLENTY");
  ASSERT_THAT(Call(Manager(), &StoresService::Stub::DelistOffer, delist), IsOk());
  ListOffersRequest all;
  EXPECT_THAT(List(all), UnorderedElementsAre("PLENTY", "FEW", "NONE"));
  EXPECT_THAT(List(all, Connector()), SizeIs(3));
  EXPECT_THAT(List(all, Auditor()), SizeIs(3));
  EXPECT_THAT(List(all, Manager("m-2")), IsEmpty());
  EXPECT_THAT(Read(Manager("m-2"), "FEW"), DeniedBy("ROL-11"));
  EXPECT_THAT(Read(Customer(), "FEW"), DeniedBy("ROL-11"));
  EXPECT_THAT(Read(Connector(), "FEW"), IsOk());
  ListOffersRequest low;
  low.set_low_only(true);
  EXPECT_THAT(List(low), ElementsAre("FEW"));
  ListOffersRequest off;
  off.add_states(Offer::STATE_DELISTED);
  EXPECT_THAT(List(off), ElementsAre("NONE"));
  off.set_states(0, Offer::STATE_DELISTED_BY_PERSON);
  EXPECT_THAT(List(off), ElementsAre("PLENTY"));
  ListOffersRequest paged;
  paged.set_page_size(2);
  const auto page = Call(Employee(), &StoresService::Stub::ListOffers, paged);
  ASSERT_THAT(page, IsOk());
  EXPECT_THAT(page->offers(), SizeIs(2));
  paged.set_page_token(page->next_page_token());
  EXPECT_THAT(List(paged), SizeIs(1));
}

TEST_F(StoresTest, AVL_01_WRK_01_SYS_05_StaleStockIsRemindedOfAcrossARestartAndOnce) {
  ASSERT_THAT(Set(5), IsOk());
  ASSERT_THAT(Set(9, "PAN"), IsOk());
  ListOffersRequest stale;
  stale.set_stale_only(true);
  EXPECT_THAT(List(stale), IsEmpty());
  service_.Restart();
  Connect();
  service_.MoveTo(At("2026-09-03T10:00+02:00"));
  EXPECT_THAT(List(stale), UnorderedElementsAre(kSku, "PAN"));
  EXPECT_THAT(OpenWork(Manager()), ElementsAre("WORK_KIND_CONFIRM_STOCK SetStock"));
  EXPECT_THAT(OpenWork(Manager("m-2")), IsEmpty());
  ASSERT_THAT(Set(5), IsOk());
  EXPECT_THAT(OpenWork(Manager()), SizeIs(1));
  ASSERT_THAT(Set(9, "PAN"), IsOk());
  EXPECT_THAT(OpenWork(Manager()), IsEmpty());
  EXPECT_THAT(List(stale), IsEmpty());
}

TEST_F(StoresTest, SYS_02_SYS_03_AFigureCountsOnceAndAPreviewNotAtAll) {
  SetStockRequest preview;
  preview.mutable_command()->set_validate_only(true);
  preview.set_merchant_id("m-1");
  preview.set_marketplace("mall");
  preview.add_items()->set_sku(kSku);
  preview.mutable_items(0)->set_stock(3);
  const auto tried = Call(Employee(), &StoresService::Stub::SetStock, preview);
  ASSERT_THAT(tried, IsOk());
  EXPECT_THAT(tried->changes(), SizeIs(1));
  EXPECT_THAT(Read(), StatusIs(absl::StatusCode::kNotFound));
  ASSERT_THAT(Set(3, kSku, Employee(), "set-1"), IsOk());
  ASSERT_THAT(Set(8), IsOk());
  ASSERT_THAT(Set(3, kSku, Employee(), "set-1"), IsOk());
  EXPECT_EQ(Read()->stock(), 8) << "the first reply, and nothing changes";
  EXPECT_THAT(Set(4, kSku, Employee(), "set-1"), StatusIs(absl::StatusCode::kAlreadyExists));
}

TEST_F(StoresTest, AVL_01_FiftyOrdersAtOnceForTheLastUnitsGetJustTheUnitsThereAre) {
  constexpr int kOrders = 50;
  constexpr int kStock = 30;
  ASSERT_THAT(Set(kStock), IsOk());
  const auto at_once = [&](const auto& act) {
    std::vector<std::thread> callers;
    for (int i = 0; i < kOrders; ++i) callers.emplace_back([&, i] { act(absl::StrCat("o-", i)); });
    for (std::thread& caller : callers) caller.join();
    service_.Settle();
  };
  std::atomic<int> requests = 0;
  const auto call = [&](auto method, auto request) {
    request.mutable_command()->set_request_id(absl::StrCat("at-once-", ++requests));
    OrdersService::Stub stub(channel_);
    return ServiceUnderTest::Call(Operations(), stub, method, request).status();
  };
  at_once([&](const std::string& id) {
    NewOrder order = SomeOrder(id);
    order.set_payment_method(base::v1::PAYMENT_METHOD_CASH_ON_DELIVERY);
    EXPECT_THAT(call(&OrdersService::Stub::CreateOrder, CreateRequest(order)), IsOk());
  });
  EXPECT_EQ(Figures(), "30 there, 30 promised, 20 owed, 0 available");
  int waiting = 0;
  for (int i = 0; i < kOrders; ++i) waiting += WaitsForGoods(absl::StrCat("o-", i));
  EXPECT_EQ(waiting, kOrders - kStock);
  // Every other one is called off, all at once: whoever waited gets what they had.
  at_once([&](const std::string& id) {
    if ((id.back() - '0') % 2 == 0) return;
    EXPECT_THAT(call(&OrdersService::Stub::CancelOrder,
                     CancelFor(base::v1::INITIATOR_CUSTOMER, base::v1::CANCEL_REASON_CUSTOMER_REQUEST, id)),
                IsOk());
  });
  EXPECT_EQ(Figures(), "30 there, 25 promised, 0 owed, 5 available");
  for (int i = 0; i < kOrders; ++i) EXPECT_FALSE(WaitsForGoods(absl::StrCat("o-", i))) << i;
  EXPECT_EQ(Read()->state(), Offer::STATE_LISTED);
}

}  // namespace
}  // namespace makegood::testing
