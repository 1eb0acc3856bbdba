// What was due when it was read may be done when it is looked at: it is not run a second time.
#include <optional>

#include "absl/synchronization/notification.h"
#include "tests/flow/flow_test.h"

namespace makegood::testing {
namespace {

// The real store; the second look for due tasks is handed on late, as on a machine that is busy elsewhere.
class LateReads final : public store::Store {
 public:
  explicit LateReads(store::Store& store) : store_(store) {}

  absl::Notification& read() { return read_; }
  absl::Notification& go_on() { return go_on_; }

  absl::StatusOr<std::vector<store::DueTask>> DueTasks(const store::DueQuery& query) override {
    auto due = store_.DueTasks(query);
    if (query.part == PartOf("box-1", parts()) && ++looks_ == 2) {
      read_.Notify();
      go_on_.WaitForNotification();
    }
    return due;
  }

  uint32_t parts() const override { return store_.parts(); }
  std::string epoch() const override { return store_.epoch(); }
  void Submit(store::Work work, store::Done done) override {
    store_.Submit(std::move(work), std::move(done));
  }
  void Read(absl::AnyInvocable<void(absl::StatusOr<store::Reader*>)> read) override {
    store_.Read(std::move(read));
  }
  void ReadByKey(absl::AnyInvocable<void(absl::StatusOr<store::Reader*>)> read) override {
    store_.ReadByKey(std::move(read));
  }
  void AddCommitListener(std::function<void(const store::Committed&)> listener) override {
    store_.AddCommitListener(std::move(listener));
  }
  absl::StatusOr<absl::Time> NextDue() override { return store_.NextDue(); }
  void FailTask(const store::DueTask& task, absl::string_view error, absl::Time retry_at,
                absl::AnyInvocable<void(absl::Status)> done) override {
    store_.FailTask(task, error, retry_at, std::move(done));
  }
  absl::StatusOr<Cursors> CursorsOf(absl::string_view source) override { return store_.CursorsOf(source); }
  absl::Status Park(const store::Applied& applied, absl::string_view event_data,
                    absl::string_view error) override {
    return store_.Park(applied, event_data, error);
  }
  absl::StatusOr<std::map<uint32_t, uint64_t>> Heads() override { return store_.Heads(); }
  absl::StatusOr<std::vector<store::StuckItem>> ListStuck(const store::StuckQuery& query) override {
    return store_.ListStuck(query);
  }
  absl::StatusOr<std::string> RetryStuck(const store::BulkRetry& retry) override {
    return store_.RetryStuck(retry);
  }
  absl::Status Scrub() override { return store_.Scrub(); }
  size_t QueueDepth() const override { return store_.QueueDepth(); }

 private:
  store::Store& store_;
  std::atomic<int> looks_ = 0;
  absl::Notification read_;
  absl::Notification go_on_;
};

class OldReads : public FlowTest {};

TEST_F(OldReads, SYS_05_ATaskThatIsDoneIsNotRunAgainOnAnOldRead) {
  LateReads late(*orders_);
  ASSERT_THAT(Run(*orders_, "box-1",
                  [&](rules::Transaction& tx) {
                    tx.Schedule(rules::Task{"mail", "mail", clock_.Now(), "mail"});
                    return absl::OkStatus();
                  }),
              IsOk());
  std::atomic<int> sent = 0;
  const flow::TaskHandler send = [&](const rules::Task&, absl::Time) -> absl::StatusOr<flow::Decision> {
    ++sent;
    late.read().WaitForNotification();  // it is still due for who looks now
    return [](rules::Transaction& tx) {
      v1::FillBoxRequest request;
      request.set_box_id("box-1");
      request.set_amount(1);
      return FillBox(request, tx).status();
    };
  };
  flow::TaskRunnerOptions options;
  options.poll = absl::Milliseconds(10);
  flow::TaskRunner runner(late, clock_, policies_, Service(), {{"mail", flow::Blocking("mail", send)}},
                          std::move(options));
  ASSERT_TRUE(late.read().WaitForNotificationWithTimeout(kPatience));
  ASSERT_TRUE(
      Eventually([&] { return EventsIn(*orders_).size() == 1; }));  // done, the old read not looked at yet
  late.go_on().Notify();
  absl::SleepFor(absl::Milliseconds(50));  // time to make the mistake in
  EXPECT_EQ(sent, 1);
}

}  // namespace
}  // namespace makegood::testing
