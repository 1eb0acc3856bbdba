// What is read of payments: whose it is (ROL-11), by which filters, in which pages.
#include "absl/strings/ascii.h"
#include "tests/services/payments_fixture.h"

namespace makegood::services {
namespace {

using payments::v1::CreditNote;
using payments::v1::ListCreditNotesRequest;
using payments::v1::ListDocumentsRequest;
using payments::v1::ListLedgerEntriesRequest;
using payments::v1::ListPaymentsRequest;
using payments::v1::ListRefundGrantsRequest;
using payments::v1::ListSurchargesRequest;
using Stub = payments::v1::PaymentsService::Stub;
using ::testing::ElementsAre;

class PaymentsReadsTest : public PaymentsServiceTest {
 protected:
  absl::StatusOr<Payment> GetPayment(const std::string& payment_id, const base::v1::Actor& actor) {
    payments::v1::GetPaymentRequest request;
    request.set_payment_id(payment_id);
    return Call(&Stub::GetPayment, actor, request);
  }

  auto ListPayments(const ListPaymentsRequest& request, const base::v1::Actor& actor = Operations()) {
    return Call(&Stub::ListPayments, actor, request);
  }

  absl::StatusOr<payments::v1::Document> GetDocument(const std::string& document_id,
                                                     const base::v1::Actor& actor) {
    payments::v1::GetDocumentRequest request;
    request.set_document_id(document_id);
    return Call(&Stub::GetDocument, actor, request);
  }

  // The ids of the surcharges that a list holds, or nothing where it is refused.
  std::vector<std::string> SurchargesOf(const ListSurchargesRequest& request, const base::v1::Actor& actor) {
    const auto page = Call(&Stub::ListSurcharges, actor, request);
    EXPECT_THAT(page, IsOk());
    std::vector<std::string> ids;
    if (!page.ok()) return ids;
    for (const Surcharge& surcharge : page->surcharges()) ids.push_back(surcharge.surcharge_id());
    return ids;
  }

  // A credit note is asked for of the order's merchant: its DELIVERED was a mistake (ORD-05).
  void AskForCreditNote(const Order& order) {
    Announce(Created(order));
    Announce(Delivered(order));
    events::v1::Event numbered = EventAbout(order);
    numbered.set_case_id(absl::StrCat("correction-of-", order.order_id()));
    numbered.mutable_correction_numbered()->set_return_number(
        absl::AsciiStrToUpper(absl::StrCat("R-", order.order_id())));
    Announce(numbered);
    ListCreditNotesRequest own;
    own.set_order_id(order.order_id());
    ASSERT_TRUE(Eventually([&] {
      const auto notes = Call(&Stub::ListCreditNotes, Operations(), own);
      return notes.ok() && notes->credit_notes_size() == 1;
    })) << WhatIsStuck();
  }

  int CountNotes(const ListCreditNotesRequest& request, const base::v1::Actor& actor = Operations()) {
    const auto page = Call(&Stub::ListCreditNotes, actor, request);
    EXPECT_THAT(page, IsOk());
    return page.ok() ? page->credit_notes_size() : -1;
  }
};

TEST_F(PaymentsReadsTest, ROL_11_PaymentsAreReadByOrderAndAllOfThemByWhoReadsAll) {
  const Order order = MakeOrder("o-1");
  const auto paid = Pay(order, 100, "ref-1");
  ASSERT_THAT(paid, IsOk());
  ASSERT_THAT(Pay(order, 200, "card-1", "", Payment::DESTINATION_STAFF), IsOk());
  ASSERT_THAT(Pay(MakeOrder("o-2"), 300, "ref-2"), IsOk());
  EXPECT_THAT(GetPayment(paid->payment_id(), Customer()), IsOk());
  EXPECT_THAT(GetPayment(paid->payment_id(), Employee()), IsOk());
  EXPECT_THAT(GetPayment(paid->payment_id(), Customer("c-2")), DeniedBy("ROL-11"));
  EXPECT_THAT(GetPayment(paid->payment_id(), Employee("m-2")), DeniedBy("ROL-11"));
  EXPECT_THAT(GetPayment("payment-0a-0", Operations()), StatusIs(absl::StatusCode::kNotFound));

  ListPaymentsRequest request;
  EXPECT_EQ(ListPayments(request)->payments_size(), 3);
  for (const base::v1::Actor& actor : {Customer(), Manager()}) {
    EXPECT_THAT(ListPayments(request, actor), DeniedBy("ROL-11"));
  }
  request.add_outcomes(Payment::OUTCOME_REFUSED);
  ASSERT_EQ(ListPayments(request)->payments_size(), 1);
  EXPECT_EQ(ListPayments(request)->payments(0).rule_id(), "PAY-05");
  request.Clear();
  request.set_order_id("o-1");
  EXPECT_EQ(ListPayments(request, Customer())->payments_size(), 2);
  EXPECT_THAT(ListPayments(request, Customer("c-2")), DeniedBy("ROL-11"));
  EXPECT_THAT(ListPayments(request, Employee("m-2")), DeniedBy("ROL-11"));
  request.set_page_size(1);
  const auto first = ListPayments(request, Customer());
  ASSERT_THAT(first, IsOk());
  request.set_page_token(first->next_page_token());
  const auto second = ListPayments(request, Customer());
  ASSERT_THAT(second, IsOk());
  ASSERT_EQ(second->payments_size(), 1);
  EXPECT_NE(first->payments(0).payment_id(), second->payments(0).payment_id());
  EXPECT_TRUE(second->next_page_token().empty());
  *request.mutable_created_from() = rules::ToTimestamp(clock_.Now() + absl::Seconds(1));
  request.clear_page_token();
  EXPECT_EQ(ListPayments(request, Customer())->payments_size(), 0);
}

TEST_F(PaymentsReadsTest, ROL_11_GrantsAreListedForTheirOwnAndByState) {
  const Order order = MakeOrder("o-1");
  ASSERT_THAT(Pay(order, 10'000, "ref-1"), IsOk());
  ASSERT_THAT(Give(order, 100), IsOk());
  clock_.Advance(absl::Seconds(1));
  ASSERT_THAT(Give(order, 200), IsOk());
  const auto list = [&](const ListRefundGrantsRequest& request, const base::v1::Actor& actor) {
    return Call(&Stub::ListRefundGrants, actor, request);
  };
  ListRefundGrantsRequest request;
  EXPECT_EQ(list(request, Customer())->refund_grants_size(), 2);
  EXPECT_EQ(list(request, Employee())->refund_grants_size(), 2);
  EXPECT_EQ(list(request, Customer("c-2"))->refund_grants_size(), 0);
  EXPECT_EQ(list(request, Employee("m-2"))->refund_grants_size(), 0);
  request.set_merchant_id("m-1");
  EXPECT_THAT(list(request, Employee("m-2")), DeniedBy("ROL-11"));
  request.add_states(RefundGrant::STATE_REFUNDING);
  EXPECT_EQ(list(request, Operations())->refund_grants_size(), 2);
  request.set_page_size(1);
  const auto first = list(request, Operations());
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->refund_grants(0).amount().amount_minor(), 200) << "the newest first";
  EXPECT_FALSE(first->next_page_token().empty());
  request.Clear();
  request.add_states(RefundGrant::STATE_AWAITING_GOODS);
  EXPECT_EQ(list(request, Operations())->refund_grants_size(), 0);
  EXPECT_THAT(list(request, testing::Courier()), DeniedBy("ROL-11"));
}

TEST_F(PaymentsReadsTest, RFD_05_CreditNotesAreListedByMerchantDueTimeAndMarketplace) {
  AskForCreditNote(MakeOrder("o-1"));
  Order elsewhere = MakeOrder("o-2");
  elsewhere.set_merchant_id("m-2");
  orders_.Set(elsewhere);
  AskForCreditNote(elsewhere);
  ListCreditNotesRequest request;
  EXPECT_EQ(CountNotes(request), 2);
  EXPECT_EQ(CountNotes(request, Manager("m-2")), 1);
  EXPECT_THAT(Call(&Stub::ListCreditNotes, Customer(), request), DeniedBy("ROL-11"));
  request.set_merchant_id("m-1");
  EXPECT_EQ(CountNotes(request), 1);
  EXPECT_THAT(Call(&Stub::ListCreditNotes, Manager("m-2"), request), DeniedBy("ROL-11"));
  request.set_marketplace("flowwow");
  EXPECT_THAT(Call(&Stub::ListCreditNotes, Operations(), request), testing::NamesField("marketplace"));
  request.set_most_urgent_first(true);
  EXPECT_EQ(CountNotes(request), 1);
  request.set_marketplace("mall");
  EXPECT_EQ(CountNotes(request), 0);
  request.Clear();
  request.set_overdue_only(true);
  EXPECT_EQ(CountNotes(request), 0);
  clock_.Advance(absl::Hours(24 * 30));
  EXPECT_EQ(CountNotes(request), 2);
  request.set_page_size(1);
  const auto first = Call(&Stub::ListCreditNotes, Operations(), request);
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->credit_notes_size(), 1);
  EXPECT_FALSE(first->next_page_token().empty());

  const CreditNote& note = first->credit_notes(0);
  auto issue = WithId<payments::v1::IssueCreditNoteRequest>();
  issue.set_credit_note_id(note.credit_note_id());
  issue.set_order_id(note.order_id());
  issue.set_return_number(note.return_number());
  issue.set_document_number("CN-17");
  *issue.mutable_amount() = note.amount();
  ASSERT_THAT(Call(&Stub::IssueCreditNote, Manager(note.merchant_id()), issue), IsOk());
  request.clear_page_size();
  EXPECT_EQ(CountNotes(request), 1) << "what was issued is due no more";
  request.Clear();
  request.add_states(CreditNote::STATE_ISSUED);
  EXPECT_EQ(CountNotes(request), 1);
}

TEST_F(PaymentsReadsTest, PAY_02_ListsShowCustomersASurchargeOnceItIsVisible) {
  const Order order = MakeOrder("o-1");
  orders_.SetHoldAnswer(absl::UnavailableError("down"));
  const auto proposed = Propose(order);
  ASSERT_THAT(proposed, IsOk());
  const std::string id = proposed->surcharge_id();
  ListSurchargesRequest all;
  ListSurchargesRequest of_order;
  of_order.set_order_id("o-1");
  EXPECT_THAT(SurchargesOf(all, Customer()), ::testing::IsEmpty());
  EXPECT_THAT(SurchargesOf(of_order, Customer()), ::testing::IsEmpty());
  EXPECT_THAT(SurchargesOf(all, Employee()), ElementsAre(id));
  orders_.SetHoldAnswer(absl::OkStatus());
  ASSERT_TRUE(Eventually([&] { return GetSurcharge(id)->visible(); }));
  EXPECT_THAT(SurchargesOf(all, Customer()), ElementsAre(id));
  EXPECT_THAT(SurchargesOf(of_order, Customer()), ElementsAre(id));
  EXPECT_THAT(SurchargesOf(all, Customer("c-2")), ::testing::IsEmpty());
  EXPECT_THAT(SurchargesOf(all, Employee("m-2")), ::testing::IsEmpty());
  EXPECT_THAT(SurchargesOf(of_order, Employee("m-2")), ::testing::IsEmpty());
}

TEST_F(PaymentsReadsTest, PAY_09_OpenSurchargesAreListedByWhenTheyExpire) {
  const auto first = Propose(MakeOrder("o-1"));
  ASSERT_THAT(first, IsOk());
  clock_.Advance(absl::Hours(24));
  const auto second = Propose(MakeOrder("o-2"));
  ASSERT_THAT(second, IsOk());
  ASSERT_TRUE(Eventually([&] { return GetSurcharge(first->surcharge_id())->visible(); }));
  ListSurchargesRequest request;
  EXPECT_THAT(SurchargesOf(request, Operations()),
              ElementsAre(second->surcharge_id(), first->surcharge_id()));
  request.set_most_urgent_first(true);
  request.set_marketplace("flowwow");
  EXPECT_THAT(SurchargesOf(request, Operations()),
              ElementsAre(first->surcharge_id(), second->surcharge_id()));
  *request.mutable_due_before() = second->expire_time();
  EXPECT_THAT(SurchargesOf(request, Operations()), ElementsAre(first->surcharge_id()));
  auto decline = WithId<payments::v1::DeclineSurchargeRequest>();
  decline.set_surcharge_id(first->surcharge_id());
  ASSERT_THAT(Call(&Stub::DeclineSurcharge, Customer(), decline), IsOk());
  EXPECT_THAT(SurchargesOf(request, Operations()), ::testing::IsEmpty());
  request.Clear();
  request.add_states(base::v1::SURCHARGE_STATE_DECLINED);
  EXPECT_THAT(SurchargesOf(request, Manager()), ElementsAre(first->surcharge_id()));
  request.set_customer_id("c-1001");
  EXPECT_THAT(Call(&Stub::ListSurcharges, Customer("c-2"), request), DeniedBy("ROL-11"));
}

TEST_F(PaymentsReadsTest, RFD_07_PapersComeByPagesAndThoseBetweenMerchantsAreNoneOfTheCustomers) {
  const Order order = MakeOrder("o-1");
  Announce(Created(order));
  Announce(Delivered(order));
  ListDocumentsRequest request;
  request.set_order_id("o-1");
  const auto list = [&](const base::v1::Actor& actor) { return Call(&Stub::ListDocuments, actor, request); };
  ASSERT_TRUE(Eventually([&] {
    const auto papers = list(Operations());
    return papers.ok() && papers->documents_size() == 2;
  })) << WhatIsStuck();
  request.set_page_size(1);
  int seen = 0;
  std::string claim;
  do {
    const auto page = list(Customer());
    ASSERT_THAT(page, IsOk());
    seen += page->documents_size();
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(seen, 1) << "the sales invoice, whichever page it stands on";
  request.clear_page_token();
  request.clear_page_size();
  request.add_kinds(base::v1::DOCUMENT_KIND_SETTLEMENT_CLAIM);
  const auto claims = list(Employee());
  ASSERT_THAT(claims, IsOk());
  ASSERT_EQ(claims->documents_size(), 1);
  EXPECT_EQ(list(Customer())->documents_size(), 0);
  EXPECT_THAT(list(Employee("m-2")), DeniedBy("ROL-11"));
  const std::string id = claims->documents(0).document_id();
  EXPECT_THAT(GetDocument(id, Employee()), IsOk());
  EXPECT_THAT(GetDocument(id, Employee("m-2")), DeniedBy("ROL-11"));
  EXPECT_THAT(GetDocument(id, Customer()), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(PaymentsReadsTest, PAY_11_EveryPageOfEntriesHasTheBalancesOfAll) {
  const Order order = MakeOrder("o-1");
  ASSERT_THAT(Pay(order, 4'000, "ref-1"), IsOk());
  ASSERT_THAT(Pay(order, 6'000, "ref-2"), IsOk());
  ListLedgerEntriesRequest request;
  request.set_order_id("o-1");
  request.set_page_size(1);
  const auto list = [&](const base::v1::Actor& actor) {
    return Call(&Stub::ListLedgerEntries, actor, request);
  };
  const auto first = list(Manager());
  ASSERT_THAT(first, IsOk());
  request.set_page_token(first->next_page_token());
  const auto second = list(Manager());
  ASSERT_THAT(second, IsOk());
  EXPECT_TRUE(second->next_page_token().empty());
  for (const auto& page : {*first, *second}) {
    ASSERT_EQ(page.entries_size(), 1);
    ASSERT_EQ(page.balances_size(), 2);
    EXPECT_EQ(page.balances(0).amount_minor() + page.balances(1).amount_minor(), 0);
    EXPECT_EQ(std::abs(page.balances(0).amount_minor()), 10'000);
  }
  EXPECT_THAT(list(Customer()), DeniedBy("ROL-11"));
  EXPECT_THAT(list(Manager("m-2")), DeniedBy("ROL-11"));
  payments::v1::GetLedgerEntryRequest one;
  one.set_entry_id(second->entries(0).entry_id());
  EXPECT_THAT(Call(&Stub::GetLedgerEntry, Manager(), one), IsOk());
  EXPECT_THAT(Call(&Stub::GetLedgerEntry, testing::Auditor(), one), IsOk());
  EXPECT_THAT(Call(&Stub::GetLedgerEntry, Manager("m-2"), one), DeniedBy("ROL-11"));
}

}  // namespace
}  // namespace makegood::services
