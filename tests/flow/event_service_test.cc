// The event service as a caller sees it.
#include "tests/flow/flow_test.h"

namespace makegood::testing {
namespace {

using events::v1::SubscribeRequest;
using events::v1::SubscribeResponse;

// One open stream.
struct Listening {
  Listening(events::v1::EventService::Stub& stub, const SubscribeRequest& request,
            const base::v1::Actor& actor = Service()) {
    rpc::Prepare(context, actor, kPatience);
    stream = stub.Subscribe(&context, request);
  }
  ~Listening() {
    context.TryCancel();
    SubscribeResponse rest;
    while (stream->Read(&rest)) {
    }
    if (!finished) stream->Finish();
  }

  // All that comes up to the next sign of life.
  std::vector<SubscribeResponse> UntilAllSeen() {
    std::vector<SubscribeResponse> responses;
    SubscribeResponse response;
    while (stream->Read(&response) && response.has_position()) responses.push_back(response);
    return responses;
  }

  // The next `count` events, signs of life left out.
  std::vector<SubscribeResponse> Events(int count) {
    std::vector<SubscribeResponse> events;
    SubscribeResponse response;
    while (static_cast<int>(events.size()) < count && stream->Read(&response)) {
      if (response.has_position()) events.push_back(response);
    }
    return events;
  }

  absl::Status Finish() {
    finished = true;
    return rpc::FromGrpc(stream->Finish());
  }

  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientReader<SubscribeResponse>> stream;
  bool finished = false;
};

class EventService : public FlowTest {
 protected:
  static SubscribeRequest Ask(const std::string& source = "orders") {
    SubscribeRequest request;
    request.set_source(source);
    return request;
  }

  absl::Status EndOf(const SubscribeRequest& request, const base::v1::Actor& actor = Service()) {
    Listening listening(*stub_, request, actor);
    SubscribeResponse response;
    while (listening.stream->Read(&response)) {
    }
    return listening.Finish();
  }

  // Each part's events come as 1, 2, 3… after what was seen.
  static void ExpectInOrder(const std::vector<SubscribeResponse>& events,
                            std::map<uint32_t, uint64_t> seen = {}) {
    for (const SubscribeResponse& response : events) {
      EXPECT_EQ(response.position().sequence(), ++seen[response.position().part()]);
    }
  }
};

TEST_F(EventService, EventsOfAPartComeInOrderAndWithoutGapsOldAndNew) {
  HappenMuch(*orders_, 8, 10, "old");
  Listening listening(*stub_, Ask());
  std::vector<SubscribeResponse> events = listening.Events(80);
  ASSERT_EQ(events.size(), 80u);
  HappenMuch(*orders_, 8, 2, "new");
  const std::vector<SubscribeResponse> more = listening.Events(16);
  ASSERT_EQ(more.size(), 16u);
  events.insert(events.end(), more.begin(), more.end());
  ExpectInOrder(events);
  for (const SubscribeResponse& response : events) {
    EXPECT_EQ(PartOf(response.event().order_id(), orders_->parts()), response.position().part());
    EXPECT_EQ(response.epoch(), orders_->epoch());
  }
}

TEST_F(EventService, WhatAStoreHeldBeforeTheProcessBeganIsServedToo) {
  StopServer();
  HappenMuch(*orders_, 8, 40, "before");
  StartServer("127.0.0.1:0");
  Listening listening(*stub_, Ask());
  const std::vector<SubscribeResponse> events = listening.Events(320);
  ASSERT_EQ(events.size(), 320u);
  ExpectInOrder(events);
  EXPECT_EQ(events.front().pending_events(), 319u);
  EXPECT_EQ(events.back().pending_events(), 0u);
}

TEST_F(EventService, AStreamGoesOnFromThePositionsGiven) {
  HappenMuch(*orders_, 1, 5, "old");
  SubscribeRequest request = Ask();
  request.set_epoch(orders_->epoch());
  events::v1::Position& position = *request.add_after();
  position.set_part(PartOf("box-1", orders_->parts()));
  position.set_sequence(3);
  Listening listening(*stub_, request);
  ExpectInOrder(listening.Events(2), {{position.part(), 3}});
}

TEST_F(EventService, ASignOfLifeTellsThatEverythingWasSeen) {
  HappenMuch(*orders_, 1, 2, "old");
  Listening listening(*stub_, Ask());
  SubscribeResponse response;
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(listening.stream->Read(&response));
    EXPECT_TRUE(response.has_position());
  }
  ASSERT_TRUE(listening.stream->Read(&response));
  EXPECT_FALSE(response.has_position());
  EXPECT_EQ(response.pending_events(), 0u);
}

// The events among responses, and by part the last place that was told.
struct Told {
  explicit Told(const std::vector<SubscribeResponse>& responses) {
    for (const SubscribeResponse& response : responses) {
      if (response.has_event()) events.push_back(response.event());
      EXPECT_LT(places[response.position().part()], response.position().sequence());
      places[response.position().part()] = response.position().sequence();
    }
  }

  std::vector<events::v1::Event> events;
  std::map<uint32_t, uint64_t> places;
};

TEST_F(EventService, AFilterPassesOverTheOthersAndItsPlacesAreThoseOfAll) {
  HappenMuch(*orders_, 8, 20, "old");
  SubscribeRequest request = Ask();
  request.set_order_id("box-3");
  request.add_kinds("order_delivered");
  request.add_kinds("order_returned");
  Listening listening(*stub_, request);
  const Told told(listening.UntilAllSeen());
  ASSERT_EQ(told.events.size(), 20u);
  for (const events::v1::Event& event : told.events) EXPECT_EQ(event.order_id(), "box-3");
  const auto heads = orders_->Heads();
  ASSERT_THAT(heads, IsOk());
  for (const auto& [part, head] : *heads) {
    if (head == 0) continue;
    EXPECT_EQ(told.places.at(part), head) << "who goes on from there misses nothing and rereads nothing";
  }

  SubscribeRequest other = Ask();
  other.add_kinds("order_returned");
  Listening none(*stub_, other);
  EXPECT_TRUE(Told(none.UntilAllSeen()).events.empty());
  other.Clear();
  other.set_source("orders");
  other.set_merchant_id("nobody");
  Listening nobodys(*stub_, other);
  EXPECT_TRUE(Told(nobodys.UntilAllSeen()).events.empty());

  HappenMuch(*orders_, 8, 1, "new");
  const std::vector<SubscribeResponse> live = listening.Events(1);
  ASSERT_EQ(live.size(), 1u);
  EXPECT_EQ(live[0].event().order_id(), "box-3");
}

TEST_F(EventService, AFilteredStreamTellsHowFarItIsAndGoesOnFromThere) {
  constexpr int kEvents = 2'500;
  for (int i = 0; i < kEvents / 100; ++i) {
    ASSERT_THAT(Run(
                    *orders_, "box-1",
                    [&](rules::Transaction& tx) {
                      for (int event = 0; event < 100; ++event) {
                        events::v1::Event happened;
                        happened.set_order_id("box-1");
                        happened.mutable_order_opened();
                        tx.Emit(happened);
                      }
                      return absl::OkStatus();
                    },
                    absl::StrCat("r-", i)),
                IsOk());
  }
  SubscribeRequest request = Ask();
  request.add_kinds("order_delivered");
  Listening listening(*stub_, request);
  uint64_t before = 0;
  const std::vector<SubscribeResponse> passed = listening.UntilAllSeen();
  ASSERT_GE(passed.size(), 3u);
  for (const SubscribeResponse& response : passed) {
    EXPECT_FALSE(response.has_event());
    EXPECT_LE(response.position().sequence() - before, 1'000u);
    before = response.position().sequence();
  }
  EXPECT_EQ(before, static_cast<uint64_t>(kEvents));
  request.set_epoch(orders_->epoch());
  *request.add_after() = passed[1].position();
  request.clear_kinds();
  Listening rest(*stub_, request);
  EXPECT_EQ(rest.UntilAllSeen().size(), kEvents - passed[1].position().sequence())
      << "another filter, the same place";
}

TEST_F(EventService, AKindThatThereIsNotIsRefused) {
  SubscribeRequest request = Ask();
  request.add_kinds("order_delivered");
  request.add_kinds("order_id");
  request.add_kinds("parcel_lost");
  const absl::Status refused = EndOf(request);
  EXPECT_THAT(refused, NamesField("kinds[1]"));
  EXPECT_THAT(refused, NamesField("kinds[2]"));
}

TEST_F(EventService, ManyFollowersEachSeeEverything) {
  std::vector<std::unique_ptr<Listening>> all;
  for (size_t i = 0; i < kStreams; ++i) all.push_back(std::make_unique<Listening>(*stub_, Ask()));
  HappenMuch(*orders_, 8, 12, "new");
  for (const auto& listening : all) {
    const std::vector<SubscribeResponse> events = listening->Events(96);
    ASSERT_EQ(events.size(), 96u);
    ExpectInOrder(events);
  }
}

TEST_F(EventService, ROL_11_OnlyServicesOperationsAndAuditorsListen) {
  EXPECT_THAT(EndOf(Ask(), Customer()), DeniedBy("ROL-11"));
  EXPECT_THAT(EndOf(Ask(), Manager()), DeniedBy("ROL-11"));
}

TEST_F(EventService, WhatCannotBeServedIsRefused) {
  EXPECT_THAT(EndOf(Ask("parcels")), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(EndOf(Ask("")), NamesField("source"));
  SubscribeRequest beyond = Ask();
  beyond.add_after()->set_part(99);
  EXPECT_THAT(EndOf(beyond), NamesField("after[0].part"));
  SubscribeRequest twice = Ask();
  twice.add_after()->set_part(1);
  twice.add_after()->set_part(1);
  EXPECT_THAT(EndOf(twice), NamesField("after[1].part"));
  SubscribeRequest restored = Ask();
  restored.set_epoch("of-another-database");
  EXPECT_THAT(EndOf(restored), StatusIs(absl::StatusCode::kAborted));
  EXPECT_EQ(RuleOf(EndOf(restored)), "SYS-11");
}

TEST_F(EventService, NobodyBeginsToListenWhileTheServerDrains) {
  feed_->EndStreams();
  EXPECT_THAT(EndOf(Ask()), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(EventService, SYS_11_WhoKnowsMoreThanTheSourceIsToldSo) {
  HappenMuch(*orders_, 1, 5, "old");
  SubscribeRequest request = Ask();
  request.set_epoch(orders_->epoch());
  events::v1::Position& position = *request.add_after();
  position.set_part(PartOf("box-1", orders_->parts()));
  position.set_sequence(6);
  const absl::Status refused = EndOf(request);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_EQ(RuleOf(refused), "SYS-11");
  EXPECT_THAT(std::string(refused.message()), ::testing::HasSubstr("--new_epoch"));
}

TEST_F(EventService, SYS_12_OpenStreamsOfOneCallerAreBounded) {
  std::vector<std::unique_ptr<Listening>> all;
  SubscribeResponse response;
  for (size_t i = 0; i < kStreams; ++i) {
    all.push_back(std::make_unique<Listening>(*stub_, Ask()));
    ASSERT_TRUE(all.back()->stream->Read(&response));
  }
  const absl::Status refused = EndOf(Ask());
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(std::string(refused.message()),
              ::testing::HasSubstr("3 of 3 open streams: the limit for one caller"));
  all.pop_back();
  EXPECT_TRUE(Eventually([&] {
    Listening again(*stub_, Ask());
    return again.stream->Read(&response);
  }));
}

TEST_F(EventService, SYS_12_StreamsOfOthersDoNotKeepAServiceFromFollowing) {
  HappenMuch(*orders_, 1, 1, "old");
  std::vector<std::unique_ptr<Listening>> all;
  SubscribeResponse response;
  for (size_t i = 0; i < kStreams; ++i) {
    all.push_back(std::make_unique<Listening>(*stub_, Ask(), Operations()));
    ASSERT_TRUE(all.back()->stream->Read(&response));
  }
  base::v1::Actor auditor = Operations();
  auditor.set_role(base::v1::ROLE_AUDITOR);
  const absl::Status refused = EndOf(Ask(), auditor);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(std::string(refused.message()), ::testing::HasSubstr("kept for the services themselves"));
  Listening service(*stub_, Ask());
  EXPECT_EQ(service.Events(1).size(), 1u);
}

TEST_F(EventService, SYS_12_LargeEventsComeInSmallPagesAndAllOfThem) {
  const std::string large(100'000, 'x');
  for (int i = 0; i < 30; ++i) {
    ASSERT_THAT(Run(
                    *orders_, "box-1",
                    [&](rules::Transaction& tx) {
                      events::v1::Event event;
                      event.set_order_id("box-1");
                      event.set_merchant_id(large);
                      tx.Emit(event);
                      return absl::OkStatus();
                    },
                    absl::StrCat("r-", i)),
                IsOk());
  }
  Listening listening(*stub_, Ask());
  const std::vector<SubscribeResponse> events = listening.Events(30);
  EXPECT_EQ(events.size(), 30u);
  ExpectInOrder(events);
}

TEST_F(EventService, StreamsEndWhenTheServerDrains) {
  Listening listening(*stub_, Ask());
  SubscribeResponse response;
  ASSERT_TRUE(listening.stream->Read(&response));
  const absl::Time begun = absl::Now();
  server_->Drain();
  EXPECT_LT(absl::Now() - begun, absl::Seconds(8));  // before the drain's deadline
  EXPECT_FALSE(listening.stream->Read(&response));
  EXPECT_THAT(listening.Finish(), StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace makegood::testing
