// The order's thread.
#include "common/rules/notices/chat_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/rules/erasure_tasks.h"
#include "tests/support/rules_support.h"
#include "tests/support/status_matchers.h"

namespace makegood {
namespace {

using notifications::v1::ChatMessage;
using notifications::v1::Notice;
using notifications::v1::PostMessageRequest;
using notifications::v1::ThreadHead;
using testing::At;
using testing::Customer;
using testing::DeniedBy;
using testing::Desk;
using testing::Employee;
using testing::IsOk;
using testing::Manager;
using testing::Operations;
using testing::RefusedBy;
using ::testing::SizeIs;
using testing::StatusIs;

class ChatRulesTest : public ::testing::Test {
 protected:
  ChatRulesTest() {
    order_.set_order_id("o-77");
    order_.set_merchant_id("m-1");
    order_.set_customer_id("c-1001");
    order_.set_language("cs");
    order_.mutable_policy()->set_marketplace("mall");
    order_.mutable_policy()->set_version(testing::ShippedVersion("mall"));
  }
  absl::StatusOr<ChatMessage> Post(const base::v1::Actor& actor, const std::string& text,
                                   const std::string& reply_to = "") {
    PostMessageRequest request;
    request.set_order_id(order_.order_id());
    request.set_text(text);
    request.set_reply_to_message_id(reply_to);
    return desk_.As(actor).Decide(rules::PostMessage, request, order_);
  }

  orders::v1::Order order_;
  Desk desk_{At("2026-09-01T10:00+02:00")};
};

TEST_F(ChatRulesTest, NTF_05_MessagesAndRepliesStandInTheThreadInOrder) {
  const absl::StatusOr<ChatMessage> first = Post(Customer(), "first");
  ASSERT_THAT(first, IsOk());
  const absl::StatusOr<ChatMessage> second = Post(Employee(), "second", first->message_id());
  ASSERT_THAT(second, IsOk());
  ASSERT_THAT(Post(Operations(), "third"), IsOk());
  EXPECT_EQ(first->index(), 1);
  EXPECT_EQ(second->index(), 2);
  EXPECT_EQ(second->reply_to_message_id(), first->message_id());
  EXPECT_EQ(desk_.Find<ChatMessage>(second->message_id())->text(), "second");
  EXPECT_EQ(desk_.Find<ChatMessage>(second->message_id())->author().role(), base::v1::ROLE_STORE_EMPLOYEE);
  EXPECT_EQ(desk_.Find<ThreadHead>("o-77")->count(), 3);
  EXPECT_THAT(desk_.Events(&events::v1::Event::has_chat_posted), SizeIs(3));
}

TEST_F(ChatRulesTest, ROL_11_OnlyThePeopleOfTheOrderWrite) {
  EXPECT_THAT(Post(Customer("c-1002"), "hello"), DeniedBy("ROL-11"));
  EXPECT_THAT(Post(Manager("m-2"), "hello"), DeniedBy("ROL-11"));
  EXPECT_THAT(desk_.All<ChatMessage>(), SizeIs(0));
}

TEST_F(ChatRulesTest, NTF_05_AReplyAnswersAMessageOfTheSameThread) {
  EXPECT_THAT(Post(Customer(), "hello", "msg-00-0"), StatusIs(absl::StatusCode::kNotFound));
  const absl::StatusOr<ChatMessage> first = Post(Customer(), "first");
  ASSERT_THAT(first, IsOk());
  order_.set_order_id("o-78");
  EXPECT_THAT(Post(Customer(), "hello", first->message_id()), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(ChatRulesTest, SYS_09_NeitherReplyNorEventHoldsWhatWasWritten) {
  const absl::StatusOr<ChatMessage> posted = Post(Customer(), "call me on 555 0100");
  ASSERT_THAT(posted, IsOk());
  EXPECT_EQ(posted->SerializeAsString().find("555"), std::string::npos);
  for (const events::v1::Event& event : desk_.events()) {
    EXPECT_EQ(event.SerializeAsString().find("555"), std::string::npos);
  }
}

TEST_F(ChatRulesTest, SYS_04_AnAnswerToAThreadThatHasMovedOnIsAborted) {
  ASSERT_THAT(Post(Customer(), "first"), IsOk());
  ASSERT_THAT(Post(Customer(), "second"), IsOk());
  desk_.Expecting(1);
  EXPECT_THAT(Post(Employee(), "answer to the first"), StatusIs(absl::StatusCode::kAborted));
  desk_.Expecting(2);
  EXPECT_THAT(Post(Employee(), "answer to both"), IsOk());
}

TEST_F(ChatRulesTest, ROL_11_WhatIsForTheMerchantIsNotShownToTheCustomer) {
  ASSERT_THAT(Post(Customer(), "first"), IsOk());
  Notice notice;
  notice.set_notice_id("ntc-00-1");
  notice.set_order_id("o-77");
  notice.set_recipient(Notice::RECIPIENT_MERCHANT);
  const ThreadHead head = *desk_.Find<ThreadHead>("o-77");
  ASSERT_THAT(
      desk_.Decide([&](rules::Transaction& tx) { return rules::PostNotice(notice, "commission", head, tx); }),
      IsOk());
  for (const ChatMessage& message : desk_.All<ChatMessage>()) {
    const bool merchants = message.notice_id() == "ntc-00-1";
    EXPECT_EQ(rules::MaySee(Customer(), message), !merchants);
    EXPECT_TRUE(rules::MaySee(Employee(), message));
    EXPECT_TRUE(rules::MaySee(Operations(), message));
    if (merchants) {
      EXPECT_THAT(Post(Customer(), "what?", message.message_id()), StatusIs(absl::StatusCode::kNotFound));
    }
  }
}

TEST_F(ChatRulesTest, SYS_09_WhatPeopleWroteIsErasedAndNoticesStay) {
  constexpr int kMessages = 1'100;  // more than one commit takes
  for (int i = 0; i < kMessages; ++i)
    ASSERT_THAT(Post(i % 2 == 0 ? Customer() : Employee(), "words"), IsOk());
  Notice notice;
  notice.set_notice_id("ntc-1");
  ASSERT_THAT(desk_.Decide(rules::PostNotice, notice, std::string("told"), *desk_.Find<ThreadHead>("o-77")),
              IsOk());
  notifications::v1::EraseThreadRequest request;
  request.set_order_id("o-77");
  const auto accepted = desk_.As(testing::Service()).Decide(rules::EraseThread, request);
  ASSERT_THAT(accepted, IsOk());
  EXPECT_EQ(accepted->message_count(), kMessages + 1);
  EXPECT_TRUE(desk_.Find<ThreadHead>("o-77")->has_erase_time());
  int pieces = 0;
  for (; !desk_.Tasks(rules::kEraseWords).empty() && pieces < 10; ++pieces) {
    notifications::v1::EraseWords thread;
    ASSERT_TRUE(thread.ParseFromString(desk_.tasks().at("erase-words:o-77").payload));
    desk_.MoveTo(desk_.now() + absl::Seconds(1));
    ASSERT_THAT(desk_.Decide(rules::EraseWords, thread), IsOk());
    if (!desk_.Tasks(rules::kScrubStore).empty()) break;
  }
  EXPECT_EQ(pieces, 2);
  for (const ChatMessage& message : desk_.All<ChatMessage>()) {
    EXPECT_EQ(message.text(), message.notice_id().empty() ? "" : "told") << message.index();
    EXPECT_EQ(message.has_erase_time(), message.notice_id().empty());
  }
  EXPECT_THAT(Post(Customer(), "again"), RefusedBy("SYS-09"));
}

TEST_F(ChatRulesTest, SYS_09_AnOrderWithoutAThreadHasNothingToErase) {
  notifications::v1::EraseThreadRequest request;
  request.set_order_id("o-99");
  ASSERT_THAT(desk_.Decide(rules::EraseThread, request), IsOk());
  EXPECT_TRUE(desk_.tasks().empty());
}

}  // namespace
}  // namespace makegood
