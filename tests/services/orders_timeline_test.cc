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
              ::testing::UnorderedElementsAre("Přijali jsme vaši objednávku za 36,30\u00a0€.",
                                              "Obdrželi jsme vaši platbu 36,30\u00a0€.",
                                              "Vaši objednávku jsme předali prodejci.",
                                              "V konverzaci k vaší objednávce je nová zpráva."));
  for (const TimelineEntry& entry : customers) EXPECT_FALSE(entry.has_event());
  EXPECT_EQ(Timeline(Operations()).size(), 5u);
  // A page of which a customer sees a part says all the same whether there is more.
  auto page = About<ListTimelineRequest>("o-1");
  for (const auto& [size, more] : {std::pair{4, true}, {5, false}, {0, false}}) {
    page.set_page_size(size);
    const auto shown = Call(Customer(), &TimelineService::Stub::ListTimeline, page);
    ASSERT_THAT(shown, IsOk());
    EXPECT_EQ(shown->more(), more) << size;
  }
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

TEST_F(OrdersTest, NTF_01_ACustomerReadsTheOrdersLanguageTheStoreThePolicysAndOperationsEnglish) {
  const auto create = [&](const std::string& order_id, const char* marketplace, const char* currency,
                          const char* language) {
    NewOrder order = SomeOrder(order_id);
    order.set_marketplace(marketplace);
    order.set_currency(currency);
    order.mutable_lines(0)->mutable_unit_price()->set_currency(currency);
    order.set_language(language);
    ASSERT_THAT(Create(order), IsOk());
    service_.Settle();
    Event declined;
    declined.set_order_id(order_id);
    declined.mutable_surcharge_moved()->set_state(base::v1::SURCHARGE_STATE_DECLINED);
    declined.mutable_surcharge_moved()->set_visible(true);
    declined.mutable_surcharge_moved()->set_customer_word("call-1");
    declined.mutable_surcharge_moved()->mutable_amount()->set_amount_minor(123456);
    declined.mutable_surcharge_moved()->mutable_amount()->set_currency(currency);
    service_.Happens("payments", declined);
    service_.Settle();
  };
  const auto reads = [&](const Actor& actor, const char* order_id) {
    return TextsOf(Timeline(actor, "", order_id));
  };
  create("o-czech", "mall", "CZK", "cs");
  const std::vector<std::string> czech = {"Přijali jsme vaši objednávku za 36,30\u00a0Kč.",
                                          "Odmítli jste příplatek ve výši 1\u00a0234,56\u00a0Kč."};
  EXPECT_THAT(reads(Customer(), "o-czech"), ::testing::IsSupersetOf(czech));
  create("o-turkish", "flowwow", "TRY", "tr");
  EXPECT_THAT(reads(Customer(), "o-turkish"),
              ::testing::IsSupersetOf({"₺36,30 tutarındaki siparişinizi aldık.",
                                       "₺1.234,56 tutarındaki ek ücreti reddettiniz."}));
  // An English customer of the Czech marketplace, whose store reads its own.
  create("o-english", "mall", "CZK", "en");
  EXPECT_THAT(reads(Customer(), "o-english"),
              ::testing::Contains("You declined an extra charge of CZK\u00a01,234.56."));
  EXPECT_THAT(reads(Manager(), "o-english"), ::testing::IsSupersetOf(czech))
      << "the store, the policy's first";
  for (const char* order_id : {"o-czech", "o-english"}) {
    EXPECT_THAT(
        reads(Operations(), order_id),
        ::testing::Contains("You declined an extra charge of CZK\u00a01,234.56. Operations did it on the "
                            "customer's word, call-1."));
  }
}

TEST_F(OrdersTest, ORD_10_AStreamTellsWhatIsThereAndThenWhatComes) {
  ASSERT_THAT(CreateOpen(), IsOk());
  service_.Settle();
  TimelineStream stream(channel_, Customer());
  ASSERT_TRUE(stream.Read());
  EXPECT_EQ(stream.entry.text(), "Přijali jsme vaši objednávku za 36,30\u00a0€.");
  const std::string first = stream.entry.resume_token();
  ASSERT_TRUE(stream.Read());
  EXPECT_EQ(stream.entry.text(), "Vaši objednávku jsme předali prodejci.");

  std::thread merchant([&] {
    EXPECT_THAT(Call(Manager(), &OrdersService::Stub::StartShipping, About<StartShippingRequest>("o-1")),
                IsOk());
  });
  ASSERT_TRUE(stream.Read()) << "a commit wakes the stream";
  merchant.join();
  EXPECT_EQ(stream.entry.text(), "Prodejce připravuje vaši objednávku.");
  stream.context.TryCancel();
  EXPECT_FALSE(stream.Read());
  EXPECT_THAT(stream.Finish(), StatusIs(absl::StatusCode::kCancelled));

  TimelineStream again(channel_, Customer(), "o-1", first);
  ASSERT_TRUE(again.Read());
  EXPECT_EQ(again.entry.text(), "Vaši objednávku jsme předali prodejci.") << "from the token on";
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
