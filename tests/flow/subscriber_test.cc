// Effects of others' events: each once, whatever happens on the way.
#include <sqlite3.h>

#include <atomic>
#include <filesystem>
#include <set>

#include "common/base/log.h"
#include "tests/flow/flow_test.h"
#include "tests/support/captured_log.h"

namespace makegood::testing {
namespace {

using ::testing::SizeIs;

class Subscribers : public FlowTest {
 protected:
  // The orders service again, on the database that is there now.
  void RestartOrders(const std::string& address = "127.0.0.1:0", bool new_epoch = false) {
    server_.reset();
    feed_.reset();
    orders_.reset();
    orders_ = scratch_.Open("orders", clock_, {}, 4, new_epoch);
    StartServer(address);
  }

  void ExpectEachOnce(int boxes, int64_t amount) {
    for (int box = 1; box <= boxes; ++box) {
      EXPECT_EQ(AmountIn(*claims_, absl::StrCat("box-", box)), amount) << box;
    }
  }
};

TEST_F(Subscribers, SYS_06_EveryEventTakesEffectOnceBeforeAndAfterItSubscribes) {
  HappenMuch(*orders_, 8, 10, "old");
  const auto subscriber = Subscribe();
  HappenMuch(*orders_, 8, 10, "new");
  EXPECT_TRUE(AllApplied(*subscriber));
  ExpectEachOnce(8, 20);
  EXPECT_TRUE(Eventually([&] { return subscriber->CaughtUp(); }));
  EXPECT_EQ(subscriber->lag().events, 0u);
  EXPECT_EQ(subscriber->lag().oldest_time, absl::InfiniteFuture());
}

TEST_F(Subscribers, SYS_11_TwoServicesEventsOfOneCauseHaveIdsOfTheirOwn) {
  const auto payments = scratch_.Open("payments", clock_);
  const auto first = Subscribe();
  const flow::Subscriber second("orders", std::shared_ptr<events::v1::EventService::StubInterface>(NewStub()),
                                *payments, policies_, Service(), Follow);
  HappenMuch(*orders_, 4, 3, "new");
  EXPECT_TRUE(AllApplied(*first));
  EXPECT_TRUE(AllApplied(second));
  std::vector<std::string> ids;
  for (store::Store* store : {orders_.get(), claims_.get(), payments.get()}) {
    for (const events::v1::Event& event : EventsIn(*store)) ids.push_back(event.event_id());
  }
  EXPECT_EQ(ids.size(), 36u);
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), ids.size());
}

TEST_F(Subscribers, SYS_01_RestartsInTheMiddleRepeatNothing) {
  for (int round = 0; round < 6; ++round) {
    auto subscriber = Subscribe();
    HappenMuch(*orders_, 8, 5, absl::StrCat("round-", round));
    subscriber.reset();  // wherever it is
  }
  const auto subscriber = Subscribe();
  EXPECT_TRUE(AllApplied(*subscriber));
  ExpectEachOnce(8, 30);
}

TEST_F(Subscribers, SYS_01_ACursorSetBackRepeatsNothing) {
  HappenMuch(*orders_, 8, 5, "old");
  auto subscriber = Subscribe();
  EXPECT_TRUE(AllApplied(*subscriber));
  subscriber.reset();
  claims_.reset();
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(scratch_.DatabaseOf("claims").c_str(), &database), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(database, "UPDATE cursors SET sequence = sequence / 2", nullptr, nullptr, nullptr),
            SQLITE_OK);
  ASSERT_GT(sqlite3_changes(database), 0);
  sqlite3_close(database);
  server_.reset();
  feed_.reset();
  claims_ = scratch_.Open("claims", clock_);
  StartServer("127.0.0.1:0");
  subscriber = Subscribe();
  HappenMuch(*orders_, 8, 5, "new");
  EXPECT_TRUE(AllApplied(*subscriber));
  ExpectEachOnce(8, 10);
}

TEST_F(Subscribers, SYS_01_ASourceRestoredFromABackupIsFollowedFromItsFirstEvent) {
  HappenMuch(*orders_, 8, 5, "old");
  const std::string address = absl::StrCat("127.0.0.1:", server_->port());
  const auto subscriber = Subscribe();
  EXPECT_TRUE(AllApplied(*subscriber));
  StopServer();
  // The restored database holds the same commands' effects, and is another one.
  const std::string before = orders_->epoch();
  orders_.reset();
  const Scratch other_disk;
  orders_ = other_disk.Open("orders", clock_);
  ASSERT_NE(orders_->epoch(), before);
  HappenMuch(*orders_, 8, 5, "old");
  HappenMuch(*orders_, 8, 2, "new");
  StartServer(address);
  EXPECT_TRUE(AllApplied(*subscriber));
  ExpectEachOnce(8, 7);
  StopServer();  // before the disk goes
  orders_.reset();
}

TEST_F(Subscribers, SYS_11_ASourceRestoredFromACopyIsNotSkippedOver) {
  const std::string copy = scratch_.Path("copy.db");
  HappenMuch(*orders_, 8, 5, "old");
  orders_.reset();
  // Past its end, so that nothing is left in the log.
  std::filesystem::copy_file(scratch_.DatabaseOf("orders"), copy);
  RestartOrders();
  const std::string address = absl::StrCat("127.0.0.1:", server_->port());
  const auto subscriber = Subscribe();
  HappenMuch(*orders_, 8, 4, "lost");
  EXPECT_TRUE(AllApplied(*subscriber));

  server_.reset();
  feed_.reset();
  orders_.reset();
  std::filesystem::copy_file(copy, scratch_.DatabaseOf("orders"),
                             std::filesystem::copy_options::overwrite_existing);
  ASSERT_THAT(StartLogging("claims", "warning"), IsOk());
  const CapturedLog log(scratch_.Path("log"));
  RestartOrders(address);
  EXPECT_TRUE(Eventually([&] { return subscriber->lag().refused; })) << "told, and seen to be";
  EXPECT_TRUE(
      log.Tells("feed refused by its source\",\"source\":\"orders\",\"code\":\"OUT_OF_RANGE\","
                "\"rule\":\"SYS-11\""))
      << log.text();

  RestartOrders(address, /*new_epoch=*/true);
  HappenMuch(*orders_, 8, 2, "new");
  for (int box = 1; box <= 8; ++box) {
    EXPECT_TRUE(Eventually([&] { return AmountIn(*claims_, absl::StrCat("box-", box)) == 11; })) << box;
  }
  EXPECT_TRUE(AllApplied(*subscriber));
  ExpectEachOnce(8, 11);
  EXPECT_FALSE(subscriber->lag().refused);
}

TEST_F(Subscribers, SYS_06_ASourceThatIsDownDelaysAndLosesNothing) {
  const std::string address = absl::StrCat("127.0.0.1:", server_->port());
  const auto subscriber = Subscribe();
  HappenMuch(*orders_, 8, 2, "before");
  StopServer();
  HappenMuch(*orders_, 8, 3, "while-down");
  EXPECT_TRUE(Eventually([&] { return !subscriber->CaughtUp(); }));
  StartServer(address);
  EXPECT_TRUE(AllApplied(*subscriber));
  ExpectEachOnce(8, 5);
}

TEST_F(Subscribers, SYS_06_ASourceThatCannotBeHeardIsToldOnceAndSeen) {
  const std::string address = absl::StrCat("127.0.0.1:", server_->port());
  ASSERT_THAT(StartLogging("claims", "info"), IsOk());
  StopServer();
  const CapturedLog log(scratch_.Path("log"));
  const auto subscriber =
      std::make_unique<flow::Subscriber>("orders",
                                         std::shared_ptr<events::v1::EventService::StubInterface>(
                                             events::v1::EventService::NewStub(rpc::MakeChannel(address))),
                                         *claims_, policies_, Service(), Follow);
  EXPECT_TRUE(log.Tells("feed broken"));
  EXPECT_FALSE(subscriber->lag().connected);
  EXPECT_EQ(subscriber->lag().last_seen, absl::InfinitePast());
  StartServer(address);
  EXPECT_TRUE(Eventually([&] { return subscriber->lag().connected; }));
  EXPECT_GT(subscriber->lag().last_seen, absl::Now() - absl::Seconds(10));
  EXPECT_TRUE(log.Tells("feed heard again"));
  const std::string text = log.text();
  EXPECT_EQ(text.find("feed broken"), text.rfind("feed broken")) << text;
  EXPECT_THAT(text, ::testing::HasSubstr("\"level\":\"warning\""));
}

TEST_F(Subscribers, SYS_06_AnEffectThatFailsForNowIsTriedAgainInOrder) {
  auto failures = std::make_shared<std::atomic<int>>(0);
  const auto subscriber = Subscribe([failures](const events::v1::Event& event, rules::Transaction& tx) {
    if (event.order_id() == "box-2" && failures->fetch_add(1) < 3) return absl::UnavailableError("not now");
    return Follow(event, tx);
  });
  HappenMuch(*orders_, 4, 5, "new");
  EXPECT_TRUE(AllApplied(*subscriber));
  EXPECT_GE(failures->load(), 3);
  ExpectEachOnce(4, 5);
  EXPECT_THAT(claims_->ListStuck(10), IsOkAndHolds(SizeIs(0)));
}

TEST_F(Subscribers, SYS_06_AnEventThatCannotBeAppliedIsParkedAndTheRestGoesOn) {
  std::atomic<bool> mended = false;
  const flow::Reaction reaction = [&mended](const events::v1::Event& event, rules::Transaction& tx) {
    if (event.order_id() == "box-2" && !mended) return Refusal("CLM-01", "the order is not known");
    return Follow(event, tx);
  };
  const auto subscriber = Subscribe(reaction);
  HappenMuch(*orders_, 4, 2, "new");
  EXPECT_TRUE(AllApplied(*subscriber));
  EXPECT_EQ(AmountIn(*claims_, "box-1"), 2);
  EXPECT_EQ(AmountIn(*claims_, "box-2"), 0);

  // Operations sees it, and brings it back once the reason is gone.
  grpc::ClientContext list_context;
  rpc::Prepare(list_context, Operations(), kPatience);
  events::v1::ListStuckRequest list;
  list.set_source("claims");
  events::v1::ListStuckResponse stuck;
  ASSERT_THAT(rpc::FromGrpc(stub_->ListStuck(&list_context, list, &stuck)), IsOk());
  ASSERT_EQ(stuck.stuck_size(), 2);
  EXPECT_EQ(stuck.stuck(0).kind(), "apply-event:orders");
  EXPECT_THAT(stuck.stuck(0).error(), ::testing::HasSubstr("CLM-01"));

  mended = true;
  const flow::TaskRunner runner(*claims_, clock_, policies_, Service(),
                                {{flow::ReapplyKind("orders"), flow::ReapplyParkedEvent(reaction)}});
  for (int again = 0; again < 2; ++again) {  // the same command twice is one
    for (const events::v1::Stuck& one : stuck.stuck()) {
      grpc::ClientContext context;
      rpc::Prepare(context, Operations(), kPatience);
      events::v1::RetryStuckRequest retry;
      retry.mutable_command()->set_request_id("r-1");
      retry.set_source("claims");
      retry.set_stuck_id(one.stuck_id());
      events::v1::RetryStuckResponse reply;
      EXPECT_THAT(rpc::FromGrpc(stub_->RetryStuck(&context, retry, &reply)), IsOk());
    }
  }
  EXPECT_TRUE(Eventually([&] { return AmountIn(*claims_, "box-2") == 2; }));
  EXPECT_TRUE(Eventually([&] { return runner.Idle(); }));
  ExpectEachOnce(4, 2);
  EXPECT_THAT(claims_->ListStuck(10), IsOkAndHolds(SizeIs(0)));
}

TEST_F(Subscribers, AnExceptionInAnEffectParksItsEventToo) {
  const auto subscriber = Subscribe();
  ASSERT_THAT(Run(*orders_, "box-1",
                  [](rules::Transaction& tx) {
                    events::v1::Event event;
                    event.set_order_id("box-1");
                    event.mutable_order_delivered()->set_line_count(kAccident);
                    tx.Emit(event);
                    return absl::OkStatus();
                  }),
              IsOk());
  HappenMuch(*orders_, 1, 2, "new");
  EXPECT_TRUE(AllApplied(*subscriber));
  EXPECT_EQ(AmountIn(*claims_, "box-1"), 2);
  EXPECT_THAT(claims_->ListStuck(10), IsOkAndHolds(SizeIs(1)));
}

}  // namespace
}  // namespace makegood::testing
