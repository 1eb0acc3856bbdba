// The payments service end to end: refunds and their caps, replay, deliveries, and who may what.
#include "tests/services/payments_fixture.h"

namespace makegood::services {
namespace {

TEST_F(PaymentsServiceTest, RFD_02_ParallelGrantsStopExactlyAtTheCap) {
  const Order order = MakeOrder("o-1");
  ASSERT_THAT(Pay(order, 10'000, "ref-1"), IsOk());
  constexpr int kCallers = 32;
  constexpr int64_t kEach = 45;  // 22 of them fit into goodwill of 10.00
  std::atomic<int> granted = 0;
  std::atomic<int> refused = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < kCallers; ++i) {
    callers.emplace_back([&] {
      const absl::StatusOr<RefundGrant> grant = Give(order, kEach);
      if (grant.ok()) ++granted;
      if (RuleOf(grant.status()) == "RFD-02") ++refused;
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(granted, 22);
  EXPECT_EQ(refused, 10);
  const auto account = GetAccount(order);
  ASSERT_THAT(account, IsOk());
  using payments::v1::Posting;
  EXPECT_EQ(rules::HeldOn(*account, Posting::LEDGER_ACCOUNT_REFUNDS_PAYABLE), 22 * kEach);
  EXPECT_TRUE(CheckedLedger().broken_entry_ids().empty());
}

TEST_F(PaymentsServiceTest, RFD_03_ASettleThatTimedOutAndIsRetriedRefundsOnce) {
  const Order order = MakeOrder("o-1");
  ASSERT_THAT(Pay(order, 10'000, "ref-1"), IsOk());
  const auto grant = Give(order, 250);
  ASSERT_THAT(grant, IsOk());
  auto request = WithId<payments::v1::SettleRefundRequest>("settle-1");
  request.set_refund_id(grant->refund_ids(0));
  request.set_provider_reference("bank-1");
  const auto settle = [&](absl::Duration timeout) {
    return Call(&payments::v1::PaymentsService::Stub::SettleRefund, Operations(), request, timeout);
  };
  for (const int micros : {1, 300, 1'000, 3'000}) settle(absl::Microseconds(micros)).IgnoreError();
  const auto first = settle(kPatience);
  ASSERT_THAT(first, IsOk());
  const auto again = settle(kPatience);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(first->SerializeAsString(), again->SerializeAsString());
  const auto account = GetAccount(order);
  ASSERT_THAT(account, IsOk());
  using payments::v1::Posting;
  EXPECT_EQ(rules::HeldOn(*account, Posting::LEDGER_ACCOUNT_REFUNDS_PAYABLE), 0);
  EXPECT_EQ(rules::BalanceOf(*account, Posting::LEDGER_ACCOUNT_CLEARING), 9'750);
  EXPECT_EQ(CheckedLedger().entries(), 3);  // paid in, granted, paid out
}

TEST_F(PaymentsServiceTest, SYS_02_TheSameRequestIdWithOtherContentIsRefused) {
  const Order order = MakeOrder("o-1");
  auto request = WithId<payments::v1::RecordPaymentRequest>("pay-1");
  request.set_order_id("o-1");
  *request.mutable_amount() = Money(100);
  request.set_reference("ref-1");
  request.set_destination(Payment::DESTINATION_STORE_ACCOUNT);
  const auto pay = [&] {
    return Call(&payments::v1::PaymentsService::Stub::RecordPayment, Operations(), request);
  };
  const auto first = pay();
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(pay()->payment_id(), first->payment_id());
  request.mutable_amount()->set_amount_minor(101);
  EXPECT_THAT(pay(), StatusIs(absl::StatusCode::kAlreadyExists));
}

TEST_F(PaymentsServiceTest, PAY_06_AProvidersReferenceBelongsToOneOrder) {
  const Order order = MakeOrder("o-1");
  const Order other = MakeOrder("o-2");
  ASSERT_THAT(Pay(order, 100, "ref-1"), IsOk());
  EXPECT_THAT(Pay(other, 100, "ref-1"), RefusedBy("PAY-06"));
  ASSERT_THAT(Pay(order, 100, "ref-1"), IsOk()) << "the same payment again";
  EXPECT_THAT(Pay(other, 0, "ref-3"), testing::NamesField("amount.amount_minor"));
  EXPECT_THAT(Pay(order, 100, "ref-3"), IsOk()) << "what was refused took no reference";
  EXPECT_EQ(GetAccount(order)->due().amount_minor(), 9'800);
  EXPECT_THAT(Pay(other, 100, "ref-4", "surcharge-of-nothing"), StatusIs(absl::StatusCode::kNotFound));
  const auto surcharge = Propose(order);
  ASSERT_THAT(surcharge, IsOk());
  EXPECT_THAT(Pay(other, 100, "ref-5", surcharge->surcharge_id()),
              ::testing::AnyOf(StatusIs(absl::StatusCode::kNotFound), testing::NamesField("surcharge_id")));
  EXPECT_THAT(Pay(order, 100, "ref-4"), IsOk()) << "nor with a surcharge there is not";
  EXPECT_THAT(Pay(order, 100, "ref-5", surcharge->surcharge_id()), IsOk()) << "or another order's";
  std::atomic<int> taken = 0;
  std::vector<std::thread> callers;
  for (const Order& each : {order, other, order, other}) {
    callers.emplace_back([&, each] { taken += Pay(each, 100, "ref-2").ok() ? 1 : 0; });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(taken, 2) << "both of one order";
}

TEST_F(PaymentsServiceTest, SYS_03_ValidateOnlyDecidesAndChangesNothing) {
  const Order order = MakeOrder("o-1");
  auto request = WithId<payments::v1::RecordPaymentRequest>();
  request.mutable_command()->set_validate_only(true);
  request.set_order_id("o-1");
  *request.mutable_amount() = Money(100);
  request.set_reference("ref-1");
  request.set_destination(Payment::DESTINATION_STAFF);
  const auto preview = Call(&payments::v1::PaymentsService::Stub::RecordPayment, Operations(), request);
  ASSERT_THAT(preview, IsOk());
  EXPECT_EQ(preview->outcome(), Payment::OUTCOME_REFUSED);
  EXPECT_THAT(GetAccount(order), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(PaymentsServiceTest, SYS_07_BadInputNamesEveryField) {
  auto request = WithId<payments::v1::RecordPaymentRequest>();
  const auto answer = Call(&payments::v1::PaymentsService::Stub::RecordPayment, Operations(), request);
  for (const char* field : {"order_id", "amount", "reference", "destination"}) {
    EXPECT_THAT(answer, testing::NamesField(field));
  }
}

TEST_F(PaymentsServiceTest, SYS_06_OrdersDownIsUnavailableAndNothingIsDone) {
  const Order order = MakeOrder("o-1");
  orders_.SetDown(true);
  EXPECT_THAT(Pay(order, 100, "ref-1"), StatusIs(absl::StatusCode::kUnavailable));
  orders_.SetDown(false);
  EXPECT_THAT(Pay(order, 100, "ref-1"), IsOk());
  EXPECT_EQ(GetAccount(order)->due().amount_minor(), 9'900);
}

// Worked example 2: one invoice, one settlement claim.
TEST_F(PaymentsServiceTest, ORD_04_ADeliveryToldAgainMakesNoSecondInvoice) {
  const Order order = MakeOrder("o-1");
  Announce(Created(order));
  Announce(Delivered(order));
  Announce(Delivered(order));
  Announce(Created(MakeOrder("o-2")));
  ASSERT_TRUE(Eventually([&] {
    const auto account = GetAccount(order);
    return account.ok() && account->stage() == Account::STAGE_DELIVERED;
  })) << WhatIsStuck();
  const flow::Subscriber& orders_events = *app_->subscribers().front();
  ASSERT_TRUE(Eventually([&] { return orders_events.HasApplied(*orders_store_->Heads()); }));
  payments::v1::ListDocumentsRequest request;
  request.set_order_id("o-1");
  const auto to_operations = Call(&payments::v1::PaymentsService::Stub::ListDocuments, Operations(), request);
  ASSERT_THAT(to_operations, IsOk());
  EXPECT_EQ(to_operations->documents_size(), 2);
  const auto to_customer = Call(&payments::v1::PaymentsService::Stub::ListDocuments, Customer(), request);
  ASSERT_THAT(to_customer, IsOk());
  ASSERT_EQ(to_customer->documents_size(), 1);
  EXPECT_EQ(to_customer->documents(0).kind(), base::v1::DOCUMENT_KIND_SALES_INVOICE);
  payments::v1::ListLedgerEntriesRequest entries;
  entries.set_order_id("o-1");
  const auto ledger = Call(&payments::v1::PaymentsService::Stub::ListLedgerEntries, Manager(), entries);
  ASSERT_THAT(ledger, IsOk());
  EXPECT_EQ(ledger->entries_size(), 1);
  EXPECT_EQ(ledger->balances_size(), 4);  // owed by the customer, to merchant, marketplace and tax office
}

TEST_F(PaymentsServiceTest, ORD_13_PAY_10_WhatTheSourceGaveBackHangsNowhere) {
  const Order order = MakeOrder("o-1");
  events::v1::Event created = Created(order);
  created.set_imported(true);
  *created.mutable_order_created()->mutable_imported_payment() = order.total();
  events::v1::ImportedRefund& told = *created.mutable_order_created()->mutable_imported_refund();
  events::v1::TakenOffUnits& units = *told.add_units();
  units.set_line_id(order.lines(0).line_id());
  units.set_quantity(1);
  *told.mutable_goodwill() = Money(1);
  Announce(created);
  events::v1::Event delivered = Delivered(order);
  delivered.set_imported(true);
  Announce(delivered);
  ASSERT_TRUE(Eventually([&] {
    const auto account = GetAccount(order);
    return account.ok() && account->stage() == Account::STAGE_DELIVERED;
  })) << WhatIsStuck();
  using payments::v1::Posting;
  EXPECT_EQ(rules::HeldOn(*GetAccount(order), Posting::LEDGER_ACCOUNT_KNOWN_ELSEWHERE),
            order.lines(0).unit_price_minor() + 1);
  const payments::v1::CheckLedgerResponse checked = CheckedLedger();
  EXPECT_TRUE(checked.broken_entry_ids().empty());
  EXPECT_EQ(checked.entries(), 3) << "paid in, given back, sold";
  EXPECT_TRUE(checked.hanging_order_ids().empty());
  payments::v1::ListRefundsRequest refunds;
  EXPECT_EQ(Call(&payments::v1::PaymentsService::Stub::ListRefunds, Operations(), refunds)->refunds_size(),
            0);
}

TEST_F(PaymentsServiceTest, ROL_11_EverybodyReadsTheirOwn) {
  const Order order = MakeOrder("o-1");
  ASSERT_THAT(Pay(order, 10'000, "ref-1"), IsOk());
  ASSERT_THAT(Give(order, 100), IsOk());
  EXPECT_THAT(GetAccount(order, Customer()), IsOk());
  EXPECT_THAT(GetAccount(order, Customer("c-2")), DeniedBy("ROL-11"));
  EXPECT_THAT(GetAccount(order, Employee("m-2")), DeniedBy("ROL-11"));
  const auto list = [&](const base::v1::Actor& actor, const payments::v1::ListRefundsRequest& request) {
    return Call(&payments::v1::PaymentsService::Stub::ListRefunds, actor, request);
  };
  payments::v1::ListRefundsRequest all;
  all.add_states(Refund::STATE_PENDING);
  EXPECT_EQ(list(Operations(), all)->refunds_size(), 1);
  EXPECT_EQ(list(Customer(), all)->refunds_size(), 1);
  EXPECT_EQ(list(Customer("c-2"), all)->refunds_size(), 0);
  EXPECT_EQ(list(Employee("m-2"), all)->refunds_size(), 0);
  all.add_states(Refund::STATE_FAILED);
  EXPECT_EQ(list(Operations(), all)->refunds_size(), 1);
  all.set_most_urgent_first(true);
  EXPECT_EQ(list(Customer(), all)->refunds_size(), 1);
  EXPECT_EQ(list(Employee("m-2"), all)->refunds_size(), 0);
  all.set_overdue_only(true);
  EXPECT_EQ(list(Operations(), all)->refunds_size(), 0);
  clock_.Advance(absl::Hours(24 * 30));
  EXPECT_EQ(list(Operations(), all)->refunds_size(), 1);
  payments::v1::ListRefundsRequest others;
  others.set_customer_id("c-1001");
  EXPECT_THAT(list(Customer("c-2"), others), DeniedBy("ROL-11"));
}

TEST_F(PaymentsServiceTest, ROL_01_CouriersAndStoresRecordNoPayments) {
  const Order order = MakeOrder("o-1");
  auto request = WithId<payments::v1::RecordPaymentRequest>();
  request.set_order_id("o-1");
  *request.mutable_amount() = Money(100);
  request.set_reference("ref-1");
  request.set_destination(Payment::DESTINATION_STORE_ACCOUNT);
  for (const base::v1::Actor& actor : {testing::Courier(), Manager(), Customer()}) {
    EXPECT_THAT(Call(&payments::v1::PaymentsService::Stub::RecordPayment, actor, request),
                DeniedBy("ROL-01"));
  }
}

}  // namespace
}  // namespace makegood::services
