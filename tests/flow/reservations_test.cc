// What spans parts: posts from one to another, once and in order, and places that are limited for many.
#include "common/rules/reservations.h"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include "common/flow/post_task.h"
#include "common/rules/posts.h"
#include "tests/flow/flow_test.h"

namespace makegood::testing {
namespace {

using rules::HeldPlaces;
using rules::Quota;
using rules::Reservation;
using ::testing::ElementsAreArray;

constexpr char kShelf[] = "shelf-1";
constexpr int64_t kLimit = 10;

flow::TaskRunnerOptions Quick() {
  flow::TaskRunnerOptions options;
  options.first_backoff = absl::Milliseconds(5);
  options.max_backoff = options.max_pause = absl::Milliseconds(20);
  options.poll = absl::Milliseconds(10);
  return options;
}

// Runs a decision to its end.
template <typename T>
absl::StatusOr<T> Decide(store::Store& store, const std::string& key,
                         const std::function<absl::StatusOr<T>(rules::Transaction&)>& decide) {
  absl::StatusOr<T> result = absl::UnknownError("not decided");
  store::Work work;
  work.routing_key = key;
  work.context.actor = Service();
  static std::atomic<int> seeds = 0;
  work.context.seed = absl::StrCat("decide-", ++seeds);
  work.decide = [&](rules::Transaction& tx) -> absl::StatusOr<std::string> {
    result = decide(tx);
    RETURN_IF_ERROR(result.status());
    return std::string();
  };
  absl::Status status;
  absl::Notification done;
  store.Submit(std::move(work), [&](const absl::StatusOr<std::string>& reply) {
    status = reply.status();
    done.Notify();
  });
  done.WaitForNotification();
  if (!status.ok()) return status;
  return result;
}

absl::StatusOr<Reservation> AskForPlace(store::Store& store, const std::string& box) {
  return Decide<Reservation>(store, kShelf, [&](rules::Transaction& tx) {
    return rules::Reserve(
        {.reservation_id = box, .quota_id = kShelf, .limit = kLimit, .holder_key = box, .rule_id = "ORD-12"},
        tx);
  });
}

// Puts a box on the shelf: reserve there, and decide in the box's own part.
absl::Status PutOnShelf(store::Store& store, const std::string& box) {
  ASSIGN_OR_RETURN(const Reservation place, AskForPlace(store, box));
  return Decide<v1::Box>(store, box,
                         [&](rules::Transaction& tx) -> absl::StatusOr<v1::Box> {
                           RETURN_IF_ERROR(rules::Hold(place, tx));
                           v1::FillBoxRequest request;
                           request.set_box_id(box);
                           request.set_amount(1);
                           return FillBox(request, tx);
                         })
      .status();
}

absl::Status TakeFromShelf(store::Store& store, const std::string& box) {
  return Decide<int>(store, box,
                     [&](rules::Transaction& tx) -> absl::StatusOr<int> {
                       RETURN_IF_ERROR(rules::GiveUp(box, tx));
                       return 0;
                     })
      .status();
}

template <typename M>
M Read(store::Store& store, const std::string& key, const std::string& id) {
  M found;
  EXPECT_THAT(store::ReadNow(store,
                             [&](store::Reader& reader) -> absl::Status {
                               const auto record = rpc::GetRecord<M>(reader, PartOf(key, store.parts()), id);
                               if (record.ok()) found = *record;
                               return absl::OkStatus();
                             }),
              IsOk());
  return found;
}

int64_t Taken(store::Store& store) { return Read<Quota>(store, kShelf, kShelf).taken(); }

std::unique_ptr<flow::TaskRunner> RunTasks(store::Store& store, const Clock& clock,
                                           const rules::PolicyBook& policies) {
  flow::TaskKinds kinds;
  flow::AddReservationKinds(store, policies, Service(), kinds);
  return std::make_unique<flow::TaskRunner>(store, clock, policies, Service(), std::move(kinds), Quick());
}

// A clock that may go back, as a machine's may.
class LooseClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::FromUnixMicros(micros_); }
  void Move(absl::Duration by) { micros_ += absl::ToInt64Microseconds(by); }

 private:
  std::atomic<int64_t> micros_ = absl::ToUnixMicros(At("2026-09-01T10:00+02:00"));
};

class Reservations : public ::testing::Test {
 protected:
  static std::string BoxId(int i) { return absl::StrCat("box-", i); }
  bool Settled() {
    return Eventually([&] { return runner_->Idle(); });
  }
  Reservation::State StateOf(const std::string& box) {
    return Read<Reservation>(*orders_, kShelf, box).state();
  }

  const Scratch scratch_;
  LooseClock clock_;
  const rules::PolicyBook policies_;
  std::unique_ptr<store::Store> orders_ = scratch_.Open("orders", clock_);
  std::unique_ptr<flow::TaskRunner> runner_ = RunTasks(*orders_, clock_, policies_);
};

TEST_F(Reservations, FiftyCallersAtOnceGetJustThePlacesThereAre) {
  constexpr int kCallers = 50;
  std::atomic<int> placed = 0;
  std::atomic<int> refused = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < kCallers; ++i) {
    callers.emplace_back([&, i] {
      const absl::Status status = PutOnShelf(*orders_, BoxId(i));
      if (status.ok()) ++placed;
      if (RuleOf(status) == "ORD-12") ++refused;
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(placed, kLimit);
  EXPECT_EQ(refused, kCallers - kLimit);
  ASSERT_TRUE(Settled());
  EXPECT_EQ(Taken(*orders_), kLimit);
  int confirmed = 0;
  for (int i = 0; i < kCallers; ++i) confirmed += StateOf(BoxId(i)) == Reservation::STATE_CONFIRMED;
  EXPECT_EQ(confirmed, kLimit);
}

TEST_F(Reservations, AskedForAgainItIsTheSamePlace) {
  for (int times = 0; times < 2; ++times) ASSERT_THAT(AskForPlace(*orders_, "box-1"), IsOk());
  EXPECT_EQ(Taken(*orders_), 1);
  for (int times = 0; times < 2; ++times) {
    ASSERT_THAT(PutOnShelf(*orders_, "box-1"), IsOk());
    ASSERT_TRUE(Settled());
  }
  EXPECT_EQ(Taken(*orders_), 1);
}

TEST_F(Reservations, APlaceThatNobodyHoldsIsFreeAfterItsTerm) {
  const auto place = AskForPlace(*orders_, "box-1");
  ASSERT_THAT(place, IsOk());
  clock_.Move(absl::Minutes(1));
  runner_->Wake();
  ASSERT_TRUE(Settled());
  EXPECT_EQ(StateOf("box-1"), Reservation::STATE_RELEASED);
  EXPECT_EQ(Taken(*orders_), 0);
  // Whoever was on the way with it comes too late, whatever its clock says.
  clock_.Move(-absl::Minutes(2));
  const auto late = Decide<int>(*orders_, "box-1", [&](rules::Transaction& tx) -> absl::StatusOr<int> {
    RETURN_IF_ERROR(rules::Hold(*place, tx));
    return 0;
  });
  EXPECT_THAT(late, StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(PutOnShelf(*orders_, "box-1"), IsOk()) << "from the beginning it goes";
  ASSERT_TRUE(Settled());
  EXPECT_EQ(Taken(*orders_), 1);
}

TEST_F(Reservations, APlaceIsFreeAgainWhenItsCaseGivesItUp) {
  for (int i = 0; i < kLimit; ++i) ASSERT_THAT(PutOnShelf(*orders_, BoxId(i)), IsOk());
  EXPECT_THAT(PutOnShelf(*orders_, "box-99"), RefusedBy("ORD-12"));
  for (int times = 0; times < 2; ++times) ASSERT_THAT(TakeFromShelf(*orders_, "box-3"), IsOk());
  ASSERT_TRUE(Settled());
  EXPECT_EQ(Taken(*orders_), kLimit - 1);
  EXPECT_THAT(PutOnShelf(*orders_, "box-99"), IsOk());
}

TEST_F(Reservations, APostThatIsDeliveredAgainIsNotAppliedAgain) {
  base::v1::Post post;
  post.set_routing_key("box-1");
  v1::Box box;
  box.set_box_id("box-1");
  post.set_message(box.SerializeAsString());
  const rules::Task task{"post-1", "count", clock_.Now(), post.SerializeAsString()};
  int applied = 0;
  const flow::TaskKind kind = flow::PostTask<v1::Box>(
      *orders_, policies_, Service(), [&](const v1::Box& counted, rules::Transaction& tx) -> absl::Status {
        ASSIGN_OR_RETURN(const std::optional<v1::Box> there, tx.Find<v1::Box>(counted.box_id()));
        v1::Box more = there.value_or(counted);
        more.set_amount(more.amount() + 1);
        tx.Put(more);
        return absl::OkStatus();
      });
  for (int delivered = 0; delivered < 2; ++delivered) {
    absl::Notification done;
    kind.run(task, absl::InfiniteFuture(), [&](const absl::StatusOr<flow::Decision>& decision) {
      if (decision.ok()) ++applied;
      done.Notify();
    });
    done.WaitForNotification();
  }
  EXPECT_EQ(applied, 2) << "what became of it was not known the first time";
  EXPECT_EQ(Read<v1::Box>(*orders_, "box-1", "box-1").amount(), 1);
}

TEST_F(Reservations, PostsOfAPartAreAppliedOnceAndInOrderHoweverOftenOneIsTriedAgain) {
  constexpr int kPosts = 60;
  std::atomic<int> failures = 20;
  absl::Mutex mutex;
  std::vector<int64_t> applied;
  flow::TaskKinds kinds;
  kinds["count"] = flow::PostTask<v1::Box>(
      *orders_, policies_, Service(), [&](const v1::Box& box, rules::Transaction& tx) -> absl::Status {
        if (box.amount() % 7 == 3 && failures-- > 0) return absl::UnavailableError("not now");
        ASSIGN_OR_RETURN(const std::optional<v1::Box> there, tx.Find<v1::Box>("counted"));
        v1::Box counted = there.value_or(v1::Box());
        counted.set_box_id("counted");
        counted.set_amount(counted.amount() + 1);
        tx.Put(counted);
        absl::MutexLock lock(&mutex);
        applied.push_back(box.amount());
        return absl::OkStatus();
      });
  std::vector<int64_t> posted;
  for (int i = 0; i < kPosts; i += 3) {
    ASSERT_THAT(Decide<int>(*orders_, "box-1",
                            [&](rules::Transaction& tx) -> absl::StatusOr<int> {
                              for (int j = i; j < i + 3; ++j) {
                                v1::Box box;
                                box.set_amount(j);
                                RETURN_IF_ERROR(rules::PostTo("somewhere", "count", box, tx));
                              }
                              return 0;
                            }),
                IsOk());
    for (int j = i; j < i + 3; ++j) posted.push_back(j);
    if (i % 2 == 0) clock_.Move(-absl::Seconds(1));  // also where the clock goes back
  }
  clock_.Move(absl::Hours(1));
  flow::TaskRunner runner(*orders_, clock_, policies_, Service(), std::move(kinds), Quick());
  ASSERT_TRUE(Eventually([&] { return runner.Idle(); }));
  absl::MutexLock lock(&mutex);
  EXPECT_THAT(applied, ElementsAreArray(posted));
  EXPECT_EQ(Read<v1::Box>(*orders_, "somewhere", "counted").amount(), kPosts);
}

class ShelvedBoxes : public FlowTest {
 protected:
  ShelvedBoxes() {
    boxes_server_.AddService<v1::BoxService>(boxes_);
    EXPECT_THAT(boxes_server_.Start(), IsOk());
    boxes_stub_ = v1::BoxService::NewStub(rpc::MakeChannel(absl::StrCat("127.0.0.1:", boxes_server_.port())));
  }
  ~ShelvedBoxes() override { boxes_server_.Drain(); }

  absl::Status Shelve(const std::string& box, const std::string& request_id, bool validate_only = false) {
    grpc::ClientContext context;
    rpc::Prepare(context, Operations(), kPatience);
    v1::ShelveBoxRequest request;
    request.mutable_command()->set_request_id(request_id);
    request.mutable_command()->set_validate_only(validate_only);
    request.set_box_id(box);
    request.set_shelf_id(kShelf);
    v1::Box reply;
    return rpc::FromGrpc(boxes_stub_->ShelveBox(&context, request, &reply));
  }

  const rpc::Environment environment_{*orders_, policies_, clock_, nullptr};
  BoxServiceImpl boxes_{environment_};
  rpc::Server boxes_server_{rpc::ServerOptions()};
  std::unique_ptr<v1::BoxService::Stub> boxes_stub_;
  const std::unique_ptr<flow::TaskRunner> runner_ = RunTasks(*orders_, clock_, policies_);
};

TEST_F(ShelvedBoxes, SYS_02_SYS_03_FiftyCallersGetOneAnswerEachAndTheSameAgain) {
  ASSERT_THAT(Shelve("box-0", "preview", /*validate_only=*/true), IsOk());
  EXPECT_EQ(Taken(*orders_), 0) << "a preview takes no place";
  std::vector<std::thread> callers;
  std::atomic<int> placed = 0;
  std::atomic<int> refused = 0;
  for (int i = 0; i < 50; ++i) {
    callers.emplace_back([&, i] {
      const std::string box = absl::StrCat("box-", i);
      const absl::Status first = Shelve(box, "r-1");
      const absl::Status again = Shelve(box, "r-1");
      EXPECT_EQ(first.code(), again.code()) << first << again;
      placed += first.ok();
      refused += RuleOf(first) == "ORD-12";
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(placed, kShelfTakes);
  EXPECT_EQ(refused, 50 - kShelfTakes);
  ASSERT_TRUE(Eventually([&] { return runner_->Idle(); }));
  EXPECT_EQ(Taken(*orders_), kShelfTakes);
  EXPECT_EQ(EventsIn(*orders_).size(), static_cast<size_t>(kShelfTakes)) << "no box was filled twice";
}

TEST_F(ShelvedBoxes, WhatIsRefusedAnywayTakesNoPlaceAndThePlaceIsKeptOnTheCase) {
  v1::FillBoxRequest fill;
  fill.set_box_id("box-full");
  fill.set_amount(kBoxTakes);
  ASSERT_THAT(Decide<v1::Box>(*orders_, "box-full", [&](rules::Transaction& tx) { return FillBox(fill, tx); })
                  .status(),
              IsOk());
  EXPECT_THAT(Shelve("box-full", "r-1"), RefusedBy("ORD-12"));
  EXPECT_EQ(Taken(*orders_), 0);

  ASSERT_THAT(Shelve("box-1", "r-1"), IsOk());
  const std::string place = Read<v1::Box>(*orders_, "box-1", "box-1").place_id();
  EXPECT_EQ(place.size(), 64U);
  EXPECT_FALSE(Read<HeldPlaces>(*orders_, "box-1", place).released());
  EXPECT_EQ(Read<HeldPlaces>(*orders_, "box-1", place).quota_id(), kShelf);
}

// ---- Kills.

constexpr char kFolder[] = "MAKEGOOD_TEST_RESERVATIONS";

std::unique_ptr<store::Store> OpenStore(const std::string& folder, const Clock& clock) {
  store::StoreOptions options;
  options.path = absl::StrCat(folder, "/shelf.db");
  options.service = "orders";
  auto store = store::OpenSqliteStore(options, clock);
  EXPECT_THAT(store, IsOk());
  return *std::move(store);
}

// There as soon as a process has been told so often that a box came or went.
constexpr int kBusy = 60;
std::string BusyMark(const std::string& folder) { return absl::StrCat(folder, "/busy"); }

// A process of its own, which the next test begins and kills: boxes come and go, by eight callers.
TEST(ReservationsInAProcess, DISABLED_ComeAndGo) {
  const char* const folder = std::getenv(kFolder);
  ASSERT_NE(folder, nullptr);
  const SystemClock clock;
  const rules::PolicyBook policies;
  const auto store = OpenStore(folder, clock);
  const auto runner = RunTasks(*store, clock, policies);
  std::vector<std::thread> callers;
  std::atomic<int> answered = 0;
  for (int caller = 0; caller < 8; ++caller) {
    callers.emplace_back([&, caller] {
      std::mt19937 random(static_cast<unsigned>(caller));
      while (true) {
        const std::string box = absl::StrCat("box-", random() % 40);
        (random() % 3 == 0 ? TakeFromShelf(*store, box) : PutOnShelf(*store, box)).IgnoreError();
        if (++answered == kBusy) std::ofstream(BusyMark(folder)).flush();
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
}

TEST(ReservationsUnderKills, NothingLeaksAndNothingIsTakenTwice) {
  const Scratch scratch;
  std::mt19937 random(7);
  std::vector<std::string> environment = {absl::StrCat(kFolder, "=", scratch.path())};
  char* const variables[] = {environment[0].data(), nullptr};
  std::string program = "/proc/self/exe";
  std::string filter = "--gtest_filter=ReservationsInAProcess.DISABLED_ComeAndGo";
  std::string disabled = "--gtest_also_run_disabled_tests";
  char* const arguments[] = {program.data(), filter.data(), disabled.data(), nullptr};
  for (int round = 0; round < 8; ++round) {
    pid_t child = -1;
    ASSERT_EQ(posix_spawn(&child, program.c_str(), nullptr, nullptr, arguments, variables), 0);
    const bool busy = Eventually([&] { return std::filesystem::remove(BusyMark(scratch.path())); });
    absl::SleepFor(absl::Milliseconds(random() % 400));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    ASSERT_TRUE(busy);
  }
  const rules::PolicyBook policies;
  TestClock clock(absl::Now() + absl::Minutes(2));  // every term is over
  const auto store = OpenStore(scratch.path(), clock);
  EXPECT_LE(Taken(*store), kLimit);
  const auto runner = RunTasks(*store, clock, policies);
  ASSERT_TRUE(Eventually([&] { return runner->Idle(); }));
  int held = 0;
  int known = 0;
  for (int i = 0; i < 40; ++i) {
    const std::string box = absl::StrCat("box-", i);
    const HeldPlaces places = Read<HeldPlaces>(*store, box, box);
    const Reservation reservation = Read<Reservation>(*store, kShelf, box);
    const bool holds = !places.reservation_id().empty() && !places.released();
    EXPECT_EQ(holds, reservation.state() == Reservation::STATE_CONFIRMED) << box;
    held += holds;
    known += !reservation.reservation_id().empty();
  }
  EXPECT_EQ(Taken(*store), held);
  EXPECT_LE(held, kLimit);
  EXPECT_GT(known, kLimit) << "there was a crowd";
  EXPECT_THAT(store->ListStuck(10), IsOkAndHolds(::testing::IsEmpty()));
}

}  // namespace
}  // namespace makegood::testing
