// Whoever has to act is told, and who was told a date hears where it moves (NTF-06, RFD-05, CAL-03).
#include "tests/rules/notices/notice_fixture.h"

namespace makegood::notices_test {
namespace {

TEST_F(NoticeRulesTest, NTF_06_TheMerchantIsToldOfAClaimAndAWithdrawal) {
  OrderComesIn("en", false, "tmall");
  Event opened;
  opened.mutable_claim_opened()->set_kind(base::v1::CLAIM_KIND_DAMAGED);
  opened.mutable_claim_opened()->set_awaits_evidence(true);
  ASSERT_THAT(React(Now(opened, "tmall")), IsOk());
  Event withdrawn;
  withdrawn.mutable_withdrawal_opened()->mutable_amount()->set_currency("CNY");
  *withdrawn.mutable_withdrawal_opened()->mutable_refund_due_time() =
      rules::ToTimestamp(At("2026-09-16T00:00+08:00"));
  ASSERT_THAT(React(Now(withdrawn, "tmall", "evt-2")), IsOk());
  EXPECT_THAT(Told(kMerchant, base::v1::CHANNEL_CHAT),
              UnorderedElementsAre("claim_opened_merchant", "withdrawal_opened_merchant"));
}

TEST_F(NoticeRulesTest, NTF_06_OperationsAreToldOfAReturnDocumentThatIsDue) {
  OrderComesIn();
  Event chosen;
  chosen.mutable_resolution_chosen()->set_resolution(base::v1::RESOLUTION_KIND_REFUND);
  ASSERT_THAT(React(Now(chosen)), IsOk());
  EXPECT_THAT(Told(kOperations, base::v1::CHANNEL_EMAIL), IsEmpty()) << "a verified claim needs none";
  chosen.mutable_resolution_chosen()->set_return_document_due(true);
  ASSERT_THAT(React(Now(chosen, "mall", "evt-2")), IsOk());
  EXPECT_THAT(Told(kOperations, base::v1::CHANNEL_EMAIL), ElementsAre("return_document_due_operations"));
}

TEST_F(NoticeRulesTest, NTF_06_RFD_05_OperationsAreToldOfAWithdrawalsReturnDocument) {
  OrderComesIn();
  Event opened;
  events::v1::WithdrawalOpened& withdrawn = *opened.mutable_withdrawal_opened();
  withdrawn.mutable_amount()->set_currency("CZK");
  *withdrawn.mutable_refund_due_time() = rules::ToTimestamp(At("2026-09-16T00:00+02:00"));
  ASSERT_THAT(React(Now(opened)), IsOk());
  EXPECT_THAT(Told(kOperations, base::v1::CHANNEL_EMAIL), IsEmpty()) << "it is netted";
  withdrawn.set_return_document_due(true);
  ASSERT_THAT(React(Now(opened, "mall", "evt-2")), IsOk());
  EXPECT_THAT(Told(kOperations, base::v1::CHANNEL_EMAIL), ElementsAre("withdrawal_document_due_operations"));
}

TEST_F(NoticeRulesTest, RFD_10_ORD_05_NobodyIsToldOfMoneyThatDoesNotComeBack) {
  OrderComesIn();
  Event granted;
  events::v1::RefundGranted& refund = *granted.mutable_refund_granted();
  refund.set_reason(base::v1::REFUND_REASON_CORRECTION);
  refund.mutable_amount()->set_amount_minor(10'000);
  refund.mutable_amount()->set_currency("CZK");
  refund.mutable_returned()->set_currency("CZK");
  ASSERT_THAT(React(Now(granted)), IsOk());
  EXPECT_THAT(Told(kCustomer, base::v1::CHANNEL_CHAT), IsEmpty());
  Event closed;
  events::v1::RefundGrantClosed& end = *closed.mutable_refund_grant_closed();
  end.set_reason(base::v1::REFUND_REASON_CORRECTION);
  *end.mutable_given() = *end.mutable_set_off() = refund.amount();
  ASSERT_THAT(React(Now(closed, "mall", "evt-2")), IsOk());
  EXPECT_THAT(Told(kCustomer, base::v1::CHANNEL_CHAT), ElementsAre("refund_set_off"));
  EXPECT_THAT(desk_.All<ChatMessage>().at(0).text(), HasSubstr("dlužíte"));
  refund.mutable_returned()->set_amount_minor(4'000);
  ASSERT_THAT(React(Now(granted, "mall", "evt-3")), IsOk());
  EXPECT_THAT(Told(kCustomer, base::v1::CHANNEL_CHAT), ::testing::Contains("refund_granted"));
  std::string texts;
  for (const ChatMessage& message : desk_.All<ChatMessage>()) absl::StrAppend(&texts, message.text());
  EXPECT_THAT(texts, HasSubstr("Vracíme vám 40,00"));
}

TEST_F(NoticeRulesTest, NTF_06_OperationsAreToldOfDecisionsAndCorrectionsThatAreDue) {
  OrderComesIn();
  Event submitted;
  events::v1::ClaimSubmitted& window = *submitted.mutable_claim_submitted();
  *window.mutable_window_open_time() = rules::ToTimestamp(At("2026-09-15T00:00+02:00"));
  *window.mutable_window_due_time() = rules::ToTimestamp(At("2026-10-13T00:00+02:00"));
  ASSERT_THAT(React(Now(submitted)), IsOk());
  Event appealed;
  appealed.mutable_claim_appealed();
  ASSERT_THAT(React(Now(appealed, "mall", "evt-2")), IsOk());
  Event reported;
  reported.mutable_correction_reported();
  ASSERT_THAT(React(Now(reported, "mall", "evt-3")), IsOk());
  EXPECT_THAT(
      Told(kOperations, base::v1::CHANNEL_EMAIL),
      UnorderedElementsAre("claim_submitted_operations", "claim_appealed_operations", "correction_reported"));
}

TEST_F(NoticeRulesTest, DLV_02_DLV_09_WhoeverKnowsTheAddressIsAsked) {
  constexpr auto kRecipient = Notice::RECIPIENT_RECIPIENT;
  OrderComesIn();
  Event asked;
  asked.mutable_address_asked()->set_to_be_confirmed(true);
  asked.mutable_address_asked()->set_contact_id("con-2");
  ASSERT_THAT(React(Now(asked)), IsOk());
  EXPECT_THAT(Told(kRecipient, base::v1::CHANNEL_CHAT), ElementsAre("order_address_asked"));
  EXPECT_THAT(Told(kRecipient, base::v1::CHANNEL_EMAIL), ElementsAre("order_address_asked"));
  EXPECT_THAT(Told(kOperations, base::v1::CHANNEL_EMAIL), IsEmpty());
  const auto mails = desk_.Tasks(rules::kSendEmailTask);
  ASSERT_THAT(mails, SizeIs(1));
  notifications::v1::SendEmail payload;
  ASSERT_TRUE(payload.ParseFromString(mails[0].payload));
  EXPECT_EQ(payload.contact_id(), "con-2") << "not the buyer's";
  asked.mutable_address_asked()->set_to_be_confirmed(false);
  ASSERT_THAT(React(Now(asked, "mall", "evt-2")), IsOk());
  EXPECT_THAT(Told(kOperations, base::v1::CHANNEL_EMAIL), ElementsAre("order_address_asked_operations"));
  Event unanswered;
  unanswered.mutable_address_unanswered();
  ASSERT_THAT(React(Now(unanswered, "mall", "evt-3")), IsOk());
  EXPECT_THAT(Told(kMerchant, base::v1::CHANNEL_CHAT), ElementsAre("order_address_unanswered_merchant"));
}

TEST_F(NoticeRulesTest, DLV_01_PAY_02_AChangeIsToldAndWhatIsNotPaidForOnlyWhereNothingIsLeft) {
  OrderComesIn();
  Event dropped;
  dropped.mutable_address_change_dropped();
  ASSERT_THAT(React(Now(dropped)), IsOk());
  EXPECT_THAT(desk_.All<Notice>(), IsEmpty()) << "its surcharge was told";
  dropped.mutable_address_change_dropped()->set_still_held(true);
  ASSERT_THAT(React(Now(dropped, "mall", "evt-2")), IsOk());
  EXPECT_THAT(Told(kCustomer, base::v1::CHANNEL_CHAT), ElementsAre("order_address_dropped"));
  EXPECT_THAT(Told(kMerchant, base::v1::CHANNEL_CHAT), ElementsAre("order_address_dropped_merchant"));
}

TEST_F(NoticeRulesTest, AVL_03_NTF_06_WhoseOrderIsHeldHearsOfItThoughNothingIsTheirsToChoose) {
  OrderComesIn("en");
  Event held;
  held.mutable_hold_placed()->set_hold(base::v1::HOLD_NAME_STOCK_SHORTAGE);
  held.mutable_hold_placed()->set_reference_id("stock-1");
  ASSERT_THAT(React(Now(held)), IsOk());
  EXPECT_THAT(Told(kCustomer, base::v1::CHANNEL_CHAT), ElementsAre("order_short"));
  EXPECT_THAT(Told(kCustomer, base::v1::CHANNEL_EMAIL), ElementsAre("order_short"));
  EXPECT_THAT(Told(kMerchant, base::v1::CHANNEL_CHAT), ElementsAre("order_short_merchant"));
  Event found;
  events::v1::IncidentOpened& fact = *found.mutable_incident_opened();
  fact.set_kind(base::v1::INCIDENT_KIND_OVERSIZE);
  fact.set_source(base::v1::INCIDENT_SOURCE_REPORT);
  ASSERT_THAT(React(Now(found, "mall", "evt-2")), IsOk());
  EXPECT_THAT(Told(kCustomer, base::v1::CHANNEL_EMAIL),
              UnorderedElementsAre("order_short", "incident_waits"));
  std::string texts;
  for (const ChatMessage& message : desk_.All<ChatMessage>()) absl::StrAppend(&texts, message.text());
  EXPECT_THAT(texts, HasSubstr("too large or too heavy"));
  // What the customer may choose, what happens at once, and what the merchant puts right have words
  // elsewhere.
  fact.set_decided(true);
  ASSERT_THAT(React(Now(found, "mall", "evt-3")), IsOk());
  fact.set_decided(false);
  fact.set_kind(base::v1::INCIDENT_KIND_WRONG_PICK);
  ASSERT_THAT(React(Now(found, "mall", "evt-4")), IsOk());
  EXPECT_THAT(Told(kCustomer, base::v1::CHANNEL_CHAT), UnorderedElementsAre("order_short", "incident_waits"));
}

TEST_F(NoticeRulesTest, AVL_03_WhoWaitsIsToldUntilWhen) {
  OrderComesIn("en");
  Event chosen;
  chosen.mutable_incident_option_chosen()->set_option(base::v1::INCIDENT_OPTION_AWAIT_RESTOCK);
  *chosen.mutable_incident_option_chosen()->mutable_restock_time() =
      rules::ToTimestamp(At("2026-09-09T00:00+02:00"));
  ASSERT_THAT(React(Now(chosen)), IsOk());
  EXPECT_THAT(Told(kCustomer, base::v1::CHANNEL_EMAIL), ElementsAre("incident_awaits_restock"));
  std::string texts;
  for (const ChatMessage& message : desk_.All<ChatMessage>()) absl::StrAppend(&texts, message.text());
  EXPECT_THAT(texts, HasSubstr("expected September 9, 2026"));
  chosen.mutable_incident_option_chosen()->set_option(base::v1::INCIDENT_OPTION_CREDIT_MISSING);
  ASSERT_THAT(React(Now(chosen, "mall", "evt-2")), IsOk());
  EXPECT_THAT(Told(kCustomer, base::v1::CHANNEL_CHAT), SizeIs(1));
}

TEST_F(NoticeRulesTest, PAY_05_WhoPaidElsewhereIsToldThatItDoesNotCountAndWhereToPay) {
  OrderComesIn("en");
  Event paid;
  paid.mutable_payment_recorded()->mutable_amount()->set_amount_minor(15'000);
  paid.mutable_payment_recorded()->mutable_amount()->set_currency("CZK");
  ASSERT_THAT(React(Now(paid)), IsOk());
  EXPECT_THAT(Told(kCustomer, base::v1::CHANNEL_EMAIL), ElementsAre("payment_elsewhere"));
  EXPECT_THAT(desk_.All<ChatMessage>().at(0).text(),
              HasSubstr("please pay what is still due to the store's account with the marketplace"));
  paid.mutable_payment_recorded()->set_accepted(true);
  ASSERT_THAT(React(Now(paid, "mall", "evt-2")), IsOk());
  EXPECT_THAT(Told(kCustomer, base::v1::CHANNEL_CHAT), SizeIs(1)) << "what counts is in the timeline";
}

TEST_F(NoticeRulesTest, CLM_09_AWrongItemIsFetchedWhereThePolicySaysSo) {
  OrderComesIn();
  Event approved;
  approved.mutable_claim_approved()->set_kind(base::v1::CLAIM_KIND_WRONG);
  ASSERT_THAT(React(Now(approved, "tmall")), IsOk());
  EXPECT_THAT(Told(kMerchant, base::v1::CHANNEL_CHAT), IsEmpty());
  ASSERT_THAT(React(Now(approved, "mall", "evt-2")), IsOk());
  EXPECT_THAT(Told(kMerchant, base::v1::CHANNEL_CHAT), ElementsAre("claim_collection_merchant"));
  EXPECT_THAT(Told(kCustomer, base::v1::CHANNEL_CHAT), ElementsAre("claim_collection"));
  EXPECT_THAT(desk_.All<ChatMessage>().at(0).text(), HasSubstr("24"));
}

TEST_F(NoticeRulesTest, NTF_06_RFD_05_OperationsAreToldOfALateCreditNote) {
  OrderComesIn();
  Event late;
  late.mutable_credit_note_overdue()->mutable_amount()->set_currency("CZK");
  *late.mutable_credit_note_overdue()->mutable_due_time() = rules::ToTimestamp(At("2026-09-01T00:00+02:00"));
  ASSERT_THAT(React(Now(late)), IsOk());
  EXPECT_THAT(Told(kOperations, base::v1::CHANNEL_EMAIL), ElementsAre("credit_note_overdue_operations"));
}

TEST_F(NoticeRulesTest, CAL_03_NTF_06_DatesThatMovedAreToldToWhoWasToldThem) {
  OrderComesIn("en", false, "tmall");
  Event settled;
  events::v1::ClaimWindowSettled& window = *settled.mutable_claim_window_settled();
  *window.mutable_window_open_time() = rules::ToTimestamp(At("2026-12-28T00:00+08:00"));
  *window.mutable_window_due_time() = rules::ToTimestamp(At("2027-01-28T00:00+08:00"));
  window.set_announced(true);
  ASSERT_THAT(React(Now(settled, "tmall")), IsOk());
  EXPECT_THAT(desk_.All<Notice>(), IsEmpty()) << "nothing has moved";
  window.set_moved(true);
  window.set_announced(false);
  ASSERT_THAT(React(Now(settled, "tmall", "evt-2")), IsOk());
  EXPECT_THAT(Told(kOperations, base::v1::CHANNEL_EMAIL), ElementsAre("claim_window_moved_operations"));
  EXPECT_THAT(Told(kCustomer, base::v1::CHANNEL_CHAT), IsEmpty());
  window.set_announced(true);
  ASSERT_THAT(React(Now(settled, "tmall", "evt-3")), IsOk());
  EXPECT_THAT(Told(kCustomer, base::v1::CHANNEL_CHAT), ElementsAre("claim_window_moved"));
  EXPECT_THAT(desk_.All<ChatMessage>().at(0).text(), HasSubstr("January 27, 2027"));
  Event limit;
  limit.mutable_resolution_due_settled()->set_moved(true);
  *limit.mutable_resolution_due_settled()->mutable_due_time() =
      rules::ToTimestamp(At("2027-01-23T00:00+08:00"));
  ASSERT_THAT(React(Now(limit, "tmall", "evt-4")), IsOk());
  EXPECT_THAT(Told(kOperations, base::v1::CHANNEL_EMAIL),
              ::testing::Contains("resolution_due_moved_operations"));
}

}  // namespace
}  // namespace makegood::notices_test
