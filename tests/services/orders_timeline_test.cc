// An order's timeline: what stands in it, and streams of it (ORD-10).
#include "tests/services/orders_fixture.h"

namespace makegood::testing {
namespace {

// One caller's stream of an order's timeline, from the token on.
struct TimelineStream {
  TimelineStream(const std::shared_ptr<grpc::Channel>& channel, const Actor& actor,
                 const std::string& order_id = "o-1", const std::string& resume_token = "")
      : stub(channel) {
    rpc::Prepare(context, actor, absl::Seconds(30));
    orders::v1::StreamTimelineRequest request;
    request.set_order_id(order_id);
    request.set_resume_token(resume_token);
    reader = stub.StreamTimeline(&context, request);
  }

  bool Read() { return reader->Read(&entry); }
  absl::Status Finish() { return rpc::FromGrpc(reader->Finish()); }

  TimelineService::Stub stub;
  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientReader<TimelineEntry>> reader;
  TimelineEntry entry;  // the one that was read last
};

TEST_F(OrdersTest, ORD_10_TheTimelineHoldsAllServicesEventsOnce) {
  ASSERT_THAT(Create(SomeOrder()), IsOk());
  service_.Settle();
  service_.Happens("payments", Paid());
  service_.Settle();
  Event chat;
  chat.set_order_id("o-1");
  chat.mutable_chat_posted();
  service_.Happens("notifications", chat);
  Event claim;
  claim.set_order_id("o-1");
  claim.mutable_compliance_incident_raised();
  service_.Happens("claims", claim);
  service_.Settle();

  const auto customers = Timeline(Customer());
  EXPECT_THAT(TextsOf(customers),
              ::testing::UnorderedElementsAre(
                  "We received your order over 36.30 EUR.", "We received your payment of 36.30 EUR.",
                  "Your order was passed on to the seller.", "There is a new message in your order's chat."));
  for (const TimelineEntry& entry : customers) EXPECT_FALSE(entry.has_event());
  EXPECT_EQ(Timeline(Operations()).size(), 5u);
  EXPECT_THAT(Timeline(Customer(), customers.back().resume_token()), ::testing::IsEmpty());
  EXPECT_EQ(Timeline(Customer(), customers.front().resume_token()).size(), 3u);

  service_.Restart();
  Connect();
  service_.Settle();
  EXPECT_EQ(Timeline(Operations()).size(), 5u) << "nothing is told twice after a restart";

  auto wrong = About<ListTimelineRequest>("o-1");
  wrong.set_resume_token("5");
  EXPECT_THAT(Call(Operations(), &TimelineService::Stub::ListTimeline, wrong), NamesField("resume_token"));
  EXPECT_THAT(
      Call(Customer("c-1002"), &TimelineService::Stub::ListTimeline, About<ListTimelineRequest>("o-1")),
      DeniedBy("ROL-11"));
}

TEST_F(OrdersTest, ORD_10_AStreamTellsWhatIsThereAndThenWhatComes) {
  ASSERT_THAT(CreateOpen(), IsOk());
  service_.Settle();
  TimelineStream stream(channel_, Customer());
  ASSERT_TRUE(stream.Read());
  EXPECT_EQ(stream.entry.text(), "We received your order over 36.30 EUR.");
  const std::string first = stream.entry.resume_token();
  ASSERT_TRUE(stream.Read());
  EXPECT_EQ(stream.entry.text(), "Your order was passed on to the seller.");

  std::thread merchant([&] {
    EXPECT_THAT(Call(Manager(), &OrdersService::Stub::StartShipping, About<StartShippingRequest>("o-1")),
                IsOk());
  });
  ASSERT_TRUE(stream.Read()) << "a commit wakes the stream";
  merchant.join();
  EXPECT_EQ(stream.entry.text(), "The seller is preparing your order.");
  stream.context.TryCancel();
  EXPECT_FALSE(stream.Read());
  EXPECT_THAT(stream.Finish(), StatusIs(absl::StatusCode::kCancelled));

  TimelineStream again(channel_, Customer(), "o-1", first);
  ASSERT_TRUE(again.Read());
  EXPECT_EQ(again.entry.text(), "Your order was passed on to the seller.") << "from the token on";
  again.context.TryCancel();
  EXPECT_FALSE(again.Finish().ok());
}

TEST_F(OrdersTest, ORD_10_AStreamOfAnothersOrderOrOfNoneIsRefused) {
  ASSERT_THAT(CreateOpen(), IsOk());
  const auto refused = [&](const Actor& actor, const std::string& order_id, const std::string& token) {
    TimelineStream stream(channel_, actor, order_id, token);
    EXPECT_FALSE(stream.Read());
    return stream.Finish();
  };
  EXPECT_THAT(refused(Customer("c-1002"), "o-1", ""), DeniedBy("ROL-11"));
  EXPECT_THAT(refused(Customer(), "o-2", ""), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(refused(Customer(), "o-1", "nonsense"), NamesField("resume_token"));
  EXPECT_THAT(refused(testing::Courier(), "o-1", ""), StatusIs(absl::StatusCode::kPermissionDenied));
}

TEST_F(OrdersTest, ORD_10_OpenStreamsDoNotKeepAServerFromDraining) {
  ASSERT_THAT(CreateOpen(), IsOk());
  service_.Settle();
  TimelineStream stream(channel_, Customer());
  ASSERT_TRUE(stream.Read());
  const absl::Time start = absl::Now();
  std::thread restart([&] { service_.Restart(); });
  while (stream.Read()) {
  }
  EXPECT_THAT(stream.Finish(), StatusIs(absl::StatusCode::kUnavailable));
  stream.reader.reset();
  restart.join();
  EXPECT_LT(absl::Now() - start, absl::Seconds(8)) << "sooner than the drain's own deadline";
}

}  // namespace
}  // namespace makegood::testing
