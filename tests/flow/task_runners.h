// Tasks that are scheduled, run and noted, for the tests of timers and calls.
#pragma once

#include <atomic>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/flow/flow_test.h"

namespace makegood::testing {

class TaskRunners : public FlowTest {
 protected:
  // A task for `due`, with its name as payload.
  void Schedule(const std::string& name, absl::Time due, const std::string& kind = "fill",
                const std::string& routing_key = "box-1") {
    ASSERT_THAT(Run(
                    *orders_, routing_key,
                    [&](rules::Transaction& tx) {
                      tx.Schedule(rules::Task{name, kind, due, name});
                      return absl::OkStatus();
                    },
                    absl::StrCat("schedule-", name)),
                IsOk());
  }

  // Fills box-1 by one, and notes which task did.
  flow::TaskHandler Fill() {
    return [this](const rules::Task& task, absl::Time) -> absl::StatusOr<flow::Decision> {
      return [this, name = task.payload](rules::Transaction& tx) {
        v1::FillBoxRequest request;
        request.set_box_id("box-1");
        request.set_amount(1);
        // Not yet where the box has to be loaded first: then the decision is run again.
        RETURN_IF_ERROR(testing::FillBox(request, tx).status());
        Note(name);
        return absl::OkStatus();
      };
    };
  }

  void Note(const std::string& name) {
    absl::MutexLock lock(&mutex_);
    done_.push_back(name);
  }

  std::vector<std::string> done() {
    absl::MutexLock lock(&mutex_);
    return done_;
  }

  static flow::TaskRunnerOptions Quick() {
    flow::TaskRunnerOptions options;
    options.first_backoff = absl::Milliseconds(5);
    options.max_backoff = absl::Milliseconds(20);
    options.max_pause = absl::Milliseconds(20);
    options.poll = absl::Milliseconds(10);
    return options;
  }

  std::unique_ptr<flow::TaskRunner> StartKinds(flow::TaskKinds kinds,
                                               flow::TaskRunnerOptions options = Quick()) {
    options.observe = [this](const std::vector<std::string>&) {
      return [this](absl::string_view kind, absl::string_view outcome) {
        absl::MutexLock lock(&mutex_);
        ++outcomes_[absl::StrCat(kind, " ", outcome)];
      };
    };
    return std::make_unique<flow::TaskRunner>(*orders_, clock_, policies_, Service(), std::move(kinds),
                                              std::move(options));
  }

  // All in one lane.
  std::unique_ptr<flow::TaskRunner> Start(absl::flat_hash_map<std::string, flow::TaskHandler> handlers,
                                          int max_attempts = 20) {
    flow::TaskKinds kinds;
    for (auto& [name, handler] : handlers) kinds[name] = flow::Blocking("work", std::move(handler));
    flow::TaskRunnerOptions options = Quick();
    options.max_attempts = max_attempts;
    return StartKinds(std::move(kinds), std::move(options));
  }

  // A box in another part than `box`.
  std::string Elsewhere(const std::string& box) const {
    for (int i = 2;; ++i) {
      const std::string other = absl::StrCat("box-", i);
      if (PartOf(other, orders_->parts()) != PartOf(box, orders_->parts())) return other;
    }
  }

  // A box of each part, box-1 first.
  std::vector<std::string> OneOfEachPart() const {
    std::map<uint32_t, std::string> boxes;
    for (int i = 1; boxes.size() < orders_->parts(); ++i) {
      const std::string box = absl::StrCat("box-", i);
      boxes.emplace(PartOf(box, orders_->parts()), box);
    }
    std::vector<std::string> in_order = {"box-1"};
    for (const auto& [part, box] : boxes) {
      if (box != "box-1") in_order.push_back(box);
    }
    return in_order;
  }

  bool Idle(const flow::TaskRunner& runner) {
    return Eventually([&] { return runner.Idle(); });
  }

  int Outcomes(const std::string& which) {
    absl::MutexLock lock(&mutex_);
    return outcomes_[which];
  }

  absl::Status Retry(const std::string& stuck_id, const base::v1::Actor& actor = Operations()) {
    grpc::ClientContext context;
    rpc::Prepare(context, actor, kPatience);
    events::v1::RetryStuckRequest retry;
    retry.mutable_command()->set_request_id("r-1");
    retry.set_source("orders");
    retry.set_stuck_id(stuck_id);
    events::v1::RetryStuckResponse reply;
    return rpc::FromGrpc(stub_->RetryStuck(&context, retry, &reply));
  }

  template <typename Request, typename Reply>
  absl::StatusOr<Reply> Ask(grpc::Status (events::v1::EventService::Stub::*method)(grpc::ClientContext*,
                                                                                   const Request&, Reply*),
                            const Request& request, const base::v1::Actor& actor = Operations()) {
    grpc::ClientContext context;
    rpc::Prepare(context, actor, kPatience);
    Reply reply;
    const grpc::Status status = (stub_.get()->*method)(&context, request, &reply);
    if (!status.ok()) return rpc::FromGrpc(status);
    return reply;
  }

  absl::Mutex mutex_;
  std::vector<std::string> done_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, int> outcomes_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace makegood::testing
