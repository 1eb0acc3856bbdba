// The thread of an order: who writes and reads it, and streams of it.
#include "tests/services/notifications_fixture.h"

namespace makegood::testing {
namespace {

TEST_F(NotificationsTest, NTF_05_PeopleWriteAndReadTheThread) {
  ASSERT_THAT(Post(Customer(), "Dobrý den", "p-1"), IsOk());
  ASSERT_THAT(Post(Employee(), "hello", "p-2"), IsOk());
  EXPECT_THAT(*Thread(Operations()), ElementsAre("Dobrý den", "hello"));
  EXPECT_THAT(*Thread(Customer(), "1"), ElementsAre("hello"));
  EXPECT_THAT(Thread(Customer(), "nonsense"), testing::NamesField("resume_token"));
}

TEST_F(NotificationsTest, SYS_02_AMessageSentTwiceStandsOnce) {
  const absl::StatusOr<ChatMessage> first = Post(Customer(), "hello", "p-1");
  const absl::StatusOr<ChatMessage> second = Post(Customer(), "hello", "p-1");
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(first->message_id(), second->message_id());
  EXPECT_THAT(Post(Customer(), "other words", "p-1"), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(*Thread(Customer()), ElementsAre("hello"));
}

TEST_F(NotificationsTest, SYS_03_AMessageThatIsOnlyValidatedIsNotWritten) {
  const absl::StatusOr<ChatMessage> preview = Post(Customer(), "hello", "p-1", /*validate_only=*/true);
  ASSERT_THAT(preview, IsOk());
  EXPECT_EQ(preview->index(), 1);
  EXPECT_THAT(Thread(Customer()), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(NotificationsTest, ROL_11_OnlyThoseOfTheOrderWriteAndRead) {
  ASSERT_THAT(Post(Customer(), "hello", "p-1"), IsOk());
  EXPECT_THAT(Post(Customer("c-1002"), "hello", "p-1"), DeniedBy("ROL-11"));
  EXPECT_THAT(Thread(Customer("c-1002")), DeniedBy("ROL-11"));
  EXPECT_THAT(Thread(Employee("m-2")), DeniedBy("ROL-11"));
  EXPECT_THAT(Thread(testing::Courier()), StatusIs(absl::StatusCode::kPermissionDenied));
  notifications::v1::ListNoticesRequest list;
  EXPECT_THAT(Call(&NotificationsService::Stub::ListNotices, list, Customer()),
              StatusIs(absl::StatusCode::kPermissionDenied));
}

TEST_F(NotificationsTest, SYS_07_AMessageWithoutWordsIsRefusedByField) {
  EXPECT_THAT(Post(Customer(), "", "p-1"), testing::NamesField("text"));
}

TEST_F(NotificationsTest, SYS_06_WithoutItsOwnerAnOrdersThreadTakesNoMessage) {
  orders_desk_.SetDown(true);
  EXPECT_THAT(Post(Customer(), "hello", "p-1"), StatusIs(absl::StatusCode::kUnavailable));
  orders_desk_.SetDown(false);
  EXPECT_THAT(Post(Customer(), "hello", "p-1"), IsOk());
}

TEST_F(NotificationsTest, ROL_11_TheMerchantsNoticesAreNotShownToTheCustomer) {
  OrderComesIn();
  Event requested;
  requested.mutable_credit_note_requested()->set_return_number("4712345678");
  requested.mutable_credit_note_requested()->mutable_amount()->set_amount_minor(2700);
  requested.mutable_credit_note_requested()->mutable_amount()->set_currency("EUR");
  *requested.mutable_credit_note_requested()->mutable_due_time() = rules::ToTimestamp(clock_.Now());
  Announce("payments", requested);
  ASSERT_TRUE(Settled());
  ASSERT_THAT(*Thread(Employee()), SizeIs(1));
  EXPECT_THAT((*Thread(Employee()))[0], HasSubstr("4712345678"));
  EXPECT_THAT(*Thread(Customer()), IsEmpty());
  notifications::v1::ListNoticesRequest list;
  const auto count = [&] {
    const auto page = Call(&NotificationsService::Stub::ListNotices, list, Operations());
    EXPECT_THAT(page, IsOk());
    return page.ok() ? page->notices_size() : -1;
  };
  const int all = count();
  EXPECT_GT(all, 0);
  list.set_merchant_id("m-1");
  EXPECT_EQ(count(), all);
  list.set_merchant_id("m-2");
  EXPECT_EQ(count(), 0);
}

TEST_F(NotificationsTest, NTF_05_AThreadIsStreamedFromItsTokenAsItIsWritten) {
  ASSERT_THAT(Post(Customer(), "first", "p-1"), IsOk());
  ASSERT_THAT(Post(Customer(), "second", "p-2"), IsOk());
  grpc::ClientContext context;
  rpc::Prepare(context, Employee(), kPatience);
  notifications::v1::StreamMessagesRequest request;
  request.set_order_id("o-77");
  request.set_resume_token("1");
  const auto stream = stub_->StreamMessages(&context, request);
  ChatMessage message;
  ASSERT_TRUE(stream->Read(&message));
  EXPECT_EQ(message.text(), "second");
  for (int i = 3; i < 10; ++i) {
    const std::string number = std::to_string(i);
    ASSERT_THAT(Post(Customer(), number, "p-" + number), IsOk());
    ASSERT_TRUE(stream->Read(&message));
    EXPECT_EQ(message.text(), number);
    EXPECT_EQ(message.resume_token(), number);
  }
  context.TryCancel();
  EXPECT_FALSE(stream->Read(&message));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(NotificationsTest, NTF_05_AThreadOfSeveralPagesIsStreamedWhole) {
  constexpr int kMessages = 120;
  const auto post = [this](int number) {
    ASSERT_THAT(Post(Customer(), absl::StrCat(number), absl::StrCat("p-", number)), IsOk());
  };
  for (int i = 1; i < kMessages; ++i) post(i);
  grpc::ClientContext context;
  rpc::Prepare(context, Employee(), kPatience);
  notifications::v1::StreamMessagesRequest request;
  request.set_order_id("o-77");
  const auto stream = stub_->StreamMessages(&context, request);
  ChatMessage message;
  for (int i = 1; i <= kMessages; ++i) {
    if (i == kMessages) post(i);
    ASSERT_TRUE(stream->Read(&message));
    EXPECT_EQ(message.index(), i);
  }
  context.TryCancel();
  EXPECT_FALSE(stream->Read(&message));
}

TEST_F(NotificationsTest, NTF_05_AStreamEndsWithTheServersDrain) {
  ASSERT_THAT(Post(Customer(), "first", "p-1"), IsOk());
  grpc::ClientContext context;
  rpc::Prepare(context, Customer(), kPatience);
  notifications::v1::StreamMessagesRequest request;
  request.set_order_id("o-77");
  const auto stream = stub_->StreamMessages(&context, request);
  ChatMessage message;
  ASSERT_TRUE(stream->Read(&message));
  std::thread drain([&] { server_->Drain(); });
  EXPECT_FALSE(stream->Read(&message));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  drain.join();
}

TEST_F(NotificationsTest, ROL_11_AStreamOfAnothersThreadIsDenied) {
  ASSERT_THAT(Post(Customer(), "first", "p-1"), IsOk());
  grpc::ClientContext context;
  rpc::Prepare(context, Customer("c-1002"), kPatience);
  notifications::v1::StreamMessagesRequest request;
  request.set_order_id("o-77");
  const auto stream = stub_->StreamMessages(&context, request);
  ChatMessage message;
  EXPECT_FALSE(stream->Read(&message));
  EXPECT_THAT(rpc::FromGrpc(stream->Finish()), DeniedBy("ROL-11"));
}

}  // namespace
}  // namespace makegood::testing
