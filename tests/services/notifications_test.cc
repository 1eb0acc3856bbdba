// Notices: by e-mail to a real SMTP server and into the chat, once each, and visible where they fail.
#include <map>
#include <string>

#include "tests/services/notifications_fixture.h"

namespace makegood::testing {
namespace {

TEST_F(NotificationsTest, AVL_04_AnAllUnavailableCancellationIsOneEmailInTheCustomersLanguage) {
  OrderComesIn("cs");
  CancelOrder();
  ASSERT_TRUE(Eventually([&] { return Emails(Notice::STATE_SENT).size() == 1; }));
  ASSERT_TRUE(Settled());
  ASSERT_THAT(smtp_.Received(), SizeIs(1));
  ReceivedEmail email = smtp_.Received()[0];
  const Notice notice = Emails(Notice::STATE_SENT)[0];
  EXPECT_EQ(email.headers["Envelope-To"], "c-1001@example.com");
  EXPECT_EQ(email.headers["To"], "c-1001@example.com");
  EXPECT_EQ(email.headers["Envelope-From"], "orders@mall.example.com");
  EXPECT_THAT(email.headers["From"], HasSubstr("MALL / Mimovrste"));
  EXPECT_EQ(email.headers["Defects"], "0");
  EXPECT_EQ(email.headers["Subject"], "Vaše objednávka o-77 byla zrušena: zboží není dostupné");
  EXPECT_EQ(email.headers["Content-Language"], "cs");
  EXPECT_EQ(email.headers["Message-ID"], "<" + notice.notice_id() + "@mall.example.com>");
  EXPECT_EQ(notice.message_id(), email.headers["Message-ID"]);
  EXPECT_THAT(email.body, HasSubstr("žádné zboží z vaší objednávky o-77 už není dostupné"));
  EXPECT_THAT(email.body, HasSubstr("Dobrý den,\n\n"));
}

TEST_F(NotificationsTest, DLV_02_SYS_09_TheRecipientIsWrittenToAtTheContactThatTheEventNames) {
  OrderComesIn();
  orders_desk_.Add("o-recipient", "recipient@example.com", "cs");
  Event asked;
  asked.mutable_address_asked()->set_to_be_confirmed(true);
  asked.mutable_address_asked()->set_contact_id("contact-o-recipient");
  Announce("orders", asked);
  ASSERT_TRUE(Eventually([&] { return smtp_.Received().size() == 1; }));
  EXPECT_EQ(smtp_.Received()[0].headers["To"], "recipient@example.com");
  EXPECT_THAT(smtp_.Received()[0].headers["Subject"], HasSubstr("o-77"));
}

TEST_F(NotificationsTest, NTF_05_ChineseArrivesAsItWasWritten) {
  OrderComesIn("zh", "tmall");
  Event submitted;
  events::v1::ClaimSubmitted& window = *submitted.mutable_claim_submitted();
  *window.mutable_window_open_time() = rules::ToTimestamp(At("2026-10-15T00:00+08:00"));
  *window.mutable_window_due_time() = rules::ToTimestamp(At("2026-11-13T00:00+08:00"));
  submitted.set_case_id("clm-1");
  Announce("claims", submitted, "tmall");
  ASSERT_TRUE(
      Eventually([&] { return smtp_.Received().size() == 2; }));  // one of them to Operations (NTF-06)
  std::map<std::string, ReceivedEmail> by_subject;
  for (const ReceivedEmail& email : smtp_.Received()) by_subject[email.headers.at("Subject")] = email;
  ASSERT_TRUE(by_subject.contains("售后申请 clm-1 的凭证已收到"));
  ReceivedEmail email = by_subject["售后申请 clm-1 的凭证已收到"];
  EXPECT_THAT(email.body, HasSubstr("2026年10月15日至2026年11月12日"));
  EXPECT_EQ(email.headers["Defects"], "0");
  EXPECT_TRUE(by_subject.contains("待决定：订单 o-77 的售后申请 clm-1"));
}

TEST_F(NotificationsTest, NTF_04_OneMessagePerCaseTemplateAndEventHoweverOftenItIsSeen) {
  OrderComesIn();
  const Event event = CancelOrder();
  ASSERT_TRUE(Eventually([&] { return Emails(Notice::STATE_SENT).size() == 1; }));
  // Seen again, as when cursors were set back and what was applied is forgotten.
  const absl::StatusOr<rules::Texts> texts = rules::Texts::Shipped();
  for (int again = 0; again < 3; ++again) {
    store::Work work;
    work.routing_key = "o-77";
    work.context = ContextOf("again-" + std::to_string(again));
    work.decide = [&](rules::Transaction& tx) -> absl::StatusOr<std::string> {
      RETURN_IF_ERROR(rules::ReactToEvent(*texts, event, tx));
      return std::string();
    };
    SubmitNow(*stores_["notifications"], std::move(work));
  }
  ASSERT_TRUE(Settled());
  EXPECT_THAT(smtp_.Received(), SizeIs(1));
  EXPECT_THAT(Notices(), SizeIs(2));  // one by chat, one by e-mail
  EXPECT_THAT(*Thread(Customer()), SizeIs(1));
}

TEST_F(NotificationsTest, ORD_04_TheInvoiceIsSentOnce) {
  OrderComesIn();
  Event invoice;
  invoice.mutable_document_issued()->set_kind(base::v1::DOCUMENT_KIND_SALES_INVOICE);
  invoice.mutable_document_issued()->set_document_id("doc-03-1");
  invoice.mutable_document_issued()->mutable_amount()->set_amount_minor(123450);
  invoice.mutable_document_issued()->mutable_amount()->set_currency("CZK");
  Announce("payments", invoice);
  ASSERT_TRUE(Eventually([&] { return Emails(Notice::STATE_SENT).size() == 1; }));
  ASSERT_TRUE(Settled());
  ASSERT_THAT(smtp_.Received(), SizeIs(1));
  EXPECT_EQ(smtp_.Received()[0].headers["Subject"], "Faktura doc-03-1 k vaší objednávce o-77");
  EXPECT_THAT(smtp_.Received()[0].body, HasSubstr("1\u00a0234,50\u00a0Kč"));
}

TEST_F(NotificationsTest, NTF_04_AfterTryLaterTheSameMessageIdGoesAgain) {
  smtp_.Treat({"451", "451", "ok"});
  OrderComesIn();
  CancelOrder();
  ASSERT_TRUE(Eventually([&] { return Emails(Notice::STATE_SENT).size() == 1; }));
  std::vector<ReceivedEmail> received = smtp_.Received();
  ASSERT_THAT(received, SizeIs(3));
  EXPECT_EQ(received[0].treatment, "451");
  EXPECT_EQ(received[2].treatment, "ok");
  EXPECT_EQ(received[0].headers, received[2].headers);
  EXPECT_EQ(received[0].body, received[2].body);
}

TEST_F(NotificationsTest, NTF_04_ALostAnswerMayRepeatTheEmailWithTheSameMessageId) {
  smtp_.Treat({"drop", "ok"});
  OrderComesIn();
  CancelOrder();
  ASSERT_TRUE(Eventually([&] { return Emails(Notice::STATE_SENT).size() == 1; }));
  std::vector<ReceivedEmail> received = smtp_.Received();
  ASSERT_THAT(received, SizeIs(2));
  EXPECT_EQ(received[0].headers["Message-ID"], received[1].headers["Message-ID"]);
}

TEST_F(NotificationsTest, NTF_05_WhatTheServerRefusesIsFailedVisibleAndCanBeTriedAgain) {
  smtp_.Treat({"550"});
  OrderComesIn();
  CancelOrder();
  ASSERT_TRUE(Eventually([&] { return Notices(Notice::STATE_FAILED).size() == 1; }));
  EXPECT_THAT(smtp_.Received(), IsEmpty());
  const Notice failed = Notices(Notice::STATE_FAILED)[0];
  EXPECT_EQ(failed.failure(), Notice::FAILURE_REFUSED);
  EXPECT_TRUE(failed.available_actions(0).allowed());
  int announced = 0;
  for (const Event& event : Announced()) announced += event.has_notice_failed();
  EXPECT_EQ(announced, 1);

  notifications::v1::RetryNoticeRequest retry;
  retry.mutable_command()->set_request_id("retry-1");
  retry.set_notice_id(failed.notice_id());
  ASSERT_THAT(Call(&NotificationsService::Stub::RetryNotice, retry, Operations()), IsOk());
  ASSERT_TRUE(Eventually([&] { return Emails(Notice::STATE_SENT).size() == 1; }));
  EXPECT_THAT(smtp_.Received(), SizeIs(1));
  // SYS-02: the same command again is answered from its kept reply; another one is refused.
  EXPECT_THAT(Call(&NotificationsService::Stub::RetryNotice, retry, Operations()), IsOk());
  retry.mutable_command()->set_request_id("retry-2");
  EXPECT_THAT(Call(&NotificationsService::Stub::RetryNotice, retry, Operations()), RefusedBy("NTF-05"));
}

TEST_F(NotificationsTest, AnOrderThatCameInBeforeItsEventNamedTheContactIsAskedForIt) {
  Event created;
  created.mutable_order_created()->set_language("cs");
  Announce("orders", created);
  CancelOrder();
  ASSERT_TRUE(Eventually([&] { return Emails(Notice::STATE_SENT).size() == 1; }));
}

TEST_F(NotificationsTest, NTF_05_ACustomerWithoutAnAddressIsAVisibleFailure) {
  orders_desk_.Add("o-77", "", "cs");
  OrderComesIn();
  CancelOrder();
  ASSERT_TRUE(Eventually([&] { return Notices(Notice::STATE_FAILED).size() == 1; }));
  EXPECT_EQ(Notices(Notice::STATE_FAILED)[0].failure(), Notice::FAILURE_NO_ADDRESS);
}

TEST_F(NotificationsTest, SYS_07_AnAddressCannotAddAHeaderOrARecipient) {
  orders_desk_.Add("o-77", "c@example.com>\r\nRCPT TO:<x@example.org", "cs");
  OrderComesIn();
  CancelOrder();
  ASSERT_TRUE(Eventually([&] { return Notices(Notice::STATE_FAILED).size() == 1; }));
  EXPECT_THAT(smtp_.Received(), IsEmpty());
}

TEST_F(NotificationsTest, SYS_06_WhileTheOwnerIsDownTheEmailWaits) {
  orders_desk_.SetDown(true);
  OrderComesIn();
  CancelOrder();
  ASSERT_TRUE(Eventually([&] { return Notices().size() == 2; }));
  absl::SleepFor(absl::Milliseconds(100));
  EXPECT_THAT(Emails(Notice::STATE_PENDING), SizeIs(1));
  orders_desk_.SetDown(false);
  ASSERT_TRUE(Eventually([&] { return Emails(Notice::STATE_SENT).size() == 1; }));
  EXPECT_THAT(smtp_.Received(), SizeIs(1));
}

TEST_F(NotificationsTest, SYS_13_WhatNeedsNothingOfAnOwnerThatIsDownGoesOut) {
  orders_desk_.SetDown(true);
  OrderComesIn();
  CancelOrder();
  ASSERT_TRUE(Eventually([&] { return Emails(Notice::STATE_PENDING).size() == 1; }));
  Event refused;
  refused.set_case_id("claim-1");
  refused.mutable_call_refused()->set_call(base::v1::CALL_KIND_GRANT_REFUND);
  refused.mutable_call_refused()->set_rule_id("RFD-02");
  refused.mutable_call_refused()->set_reason("more than is left");
  Announce("claims", refused);
  EXPECT_TRUE(Eventually([&] { return smtp_.Received().size() == 1; })) << "to Operations";
  orders_desk_.SetDown(false);
  EXPECT_TRUE(Eventually([&] { return Emails(Notice::STATE_SENT).size() == 2; }));
}

TEST_F(NotificationsTest, NTF_05_WhatCannotBeSentInADayIsFailedAsUnreachable) {
  orders_desk_.SetDown(true);
  OrderComesIn();
  CancelOrder();
  ASSERT_TRUE(Eventually([&] { return Emails(Notice::STATE_PENDING).size() == 1; }));
  clock_.Advance(notifications::kEmailTime);
  ASSERT_TRUE(Eventually([&] { return Emails(Notice::STATE_FAILED).size() == 1; }));
  EXPECT_EQ(Emails(Notice::STATE_FAILED)[0].failure(), Notice::FAILURE_UNREACHABLE);
}

TEST_F(NotificationsTest, NTF_01_AnEmailLaterThanThePolicysTimeIsAMissedFirstNotice) {
  orders_desk_.SetDown(true);
  OrderComesIn();
  CancelOrder();
  ASSERT_TRUE(Eventually([&] { return Emails(Notice::STATE_PENDING).size() == 1; }));
  clock_.Advance(absl::Hours(2) + absl::Seconds(1));
  orders_desk_.SetDown(false);
  ASSERT_TRUE(Eventually([&] { return Emails(Notice::STATE_SENT).size() == 1; }));
  std::map<base::v1::Channel, base::v1::SlaOutcome> outcomes;
  for (const Event& event : Announced()) {
    if (event.has_notice_sent()) outcomes[event.notice_sent().channel()] = event.notice_sent().first_notice();
  }
  EXPECT_EQ(outcomes[base::v1::CHANNEL_CHAT], base::v1::SLA_OUTCOME_MET);
  EXPECT_EQ(outcomes[base::v1::CHANNEL_EMAIL], base::v1::SLA_OUTCOME_MISSED);
}

TEST_F(NotificationsTest, ORD_13_ImportedHistoryCausesNoMessage) {
  OrderComesIn("cs", "mall", /*imported=*/true);
  Event delivered;
  *delivered.mutable_order_delivered()->mutable_delivered_time() = rules::ToTimestamp(clock_.Now());
  delivered.set_imported(true);
  Announce("orders", delivered);
  ASSERT_TRUE(Settled());
  EXPECT_THAT(Notices(), IsEmpty());
  EXPECT_THAT(smtp_.Received(), IsEmpty());
  EXPECT_THAT(*Thread(Customer()), IsEmpty());
}

TEST_F(NotificationsTest, SYS_09_NeitherEventsNorRecordsHoldTheAddress) {
  OrderComesIn();
  CancelOrder();
  ASSERT_TRUE(Eventually([&] { return Emails(Notice::STATE_SENT).size() == 1; }));
  for (const Event& event : Announced()) EXPECT_THAT(event.SerializeAsString(), Not(HasSubstr("c-1001@")));
  for (const Notice& notice : Notices()) EXPECT_THAT(notice.SerializeAsString(), Not(HasSubstr("c-1001@")));
}

}  // namespace
}  // namespace makegood::testing
