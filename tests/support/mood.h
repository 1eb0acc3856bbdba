// How a callee of the tests answers the next calls, before it does what it is there for (SYS-13).
#pragma once

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/base/status.h"
#include "common/rpc/rpc.h"

namespace makegood::testing {

// What is in the way of one call.
struct Obstacle {
  absl::Status answer;       // OK: none
  absl::Duration slow = {};  // it is dealt with so much later
};

// Obstacles of the calls to come, one after another; after them calls are answered as they should be.
// Thread-safe.
class Mood {
 public:
  void Expect(std::vector<Obstacle> obstacles) {
    absl::MutexLock lock(&mutex_);
    obstacles_.assign(obstacles.begin(), obstacles.end());
  }

  // What is in the way of this call.
  Obstacle Next() {
    absl::MutexLock lock(&mutex_);
    ++calls_;
    if (obstacles_.empty()) return {};
    Obstacle next = std::move(obstacles_.front());
    obstacles_.pop_front();
    return next;
  }

  int calls() const {
    absl::MutexLock lock(&mutex_);
    return calls_;
  }

 private:
  mutable absl::Mutex mutex_;
  std::deque<Obstacle> obstacles_ ABSL_GUARDED_BY(mutex_);
  int calls_ ABSL_GUARDED_BY(mutex_) = 0;
};

// On a client's channel: loses the next answers on their way back, of calls that were dealt with: of this
// method, or of any.
class LostAnswers final : public grpc::experimental::ClientInterceptorFactoryInterface {
 public:
  explicit LostAnswers(std::shared_ptr<std::atomic<int>> to_lose, std::string method = "")
      : to_lose_(std::move(to_lose)), method_(std::move(method)) {}

  grpc::experimental::Interceptor* CreateClientInterceptor(grpc::experimental::ClientRpcInfo* call) override {
    return absl::EndsWith(call->method(), method_) ? new Loser(to_lose_) : nullptr;
  }

 private:
  class Loser final : public grpc::experimental::Interceptor {
   public:
    explicit Loser(std::shared_ptr<std::atomic<int>> to_lose) : to_lose_(std::move(to_lose)) {}
    void Intercept(grpc::experimental::InterceptorBatchMethods* methods) override {
      using grpc::experimental::InterceptionHookPoints;
      if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::POST_RECV_STATUS) &&
          methods->GetRecvStatus()->ok() && to_lose_->fetch_sub(1) > 0) {
        *methods->GetRecvStatus() = grpc::Status(grpc::StatusCode::UNAVAILABLE, "the connection broke");
      }
      methods->Proceed();
    }

   private:
    const std::shared_ptr<std::atomic<int>> to_lose_;
  };

  const std::shared_ptr<std::atomic<int>> to_lose_;
  const std::string method_;
};

// A way a callee can be in, none of which loses a call.
struct Way {
  std::string name;
  std::vector<Obstacle> obstacles;
  int lost_answers = 0;
};

inline std::vector<Way> WaysOfCallees() {
  const Obstacle behind{NotHereYet("order o-1")};
  const Obstacle away{absl::UnavailableError("nobody listens")};
  const Obstacle full{absl::ResourceExhaustedError("the queue is full")};
  const Obstacle older{absl::UnimplementedError("no such method")};
  const Obstacle at_odds{absl::AbortedError("somebody was faster")};
  const Obstacle slow{absl::OkStatus(), absl::Milliseconds(300)};
  return {{"Behind", {behind, behind, behind}},
          {"Away", {away, away, away}},
          {"Full", {full}},
          {"Older", {older, older}},
          {"AtOdds", {at_odds}},
          {"AnsweringTwice", {}, 2},
          {"Slow", {slow}}};
}

}  // namespace makegood::testing
