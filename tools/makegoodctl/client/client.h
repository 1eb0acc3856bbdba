// The suite as its clients see it: generated stubs, an actor per call, retries that are safe.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/base/status.h"
#include "common/rpc/channels.h"
#include "common/rpc/rpc.h"
#include "makegood/base/v1/access.pb.h"
#include "makegood/base/v1/policy.grpc.pb.h"
#include "makegood/base/v1/test_clock.grpc.pb.h"
#include "makegood/claims/v1/claims_service.grpc.pb.h"
#include "makegood/deliveries/v1/deliveries_service.grpc.pb.h"
#include "makegood/events/v1/event_service.grpc.pb.h"
#include "makegood/incidents/v1/incidents_service.grpc.pb.h"
#include "makegood/notifications/v1/notifications_service.grpc.pb.h"
#include "makegood/orders/v1/addresses_service.grpc.pb.h"
#include "makegood/orders/v1/contacts_service.grpc.pb.h"
#include "makegood/orders/v1/fastcentrik_service.grpc.pb.h"
#include "makegood/orders/v1/orders_service.grpc.pb.h"
#include "makegood/orders/v1/scorecard_service.grpc.pb.h"
#include "makegood/orders/v1/timeline_service.grpc.pb.h"
#include "makegood/orders/v1/work_service.grpc.pb.h"
#include "makegood/payments/v1/payments_service.grpc.pb.h"
#include "makegood/stores/v1/stores_service.grpc.pb.h"

namespace makegood::ctl {

// Who a call is made as.
base::v1::Actor MakeActor(base::v1::Role role, absl::string_view id, absl::string_view store_id = "");

// An outcome that leaves open whether the command was done: the same request may be sent again,
// because its request_id makes it count once.
bool IsAmbiguous(const absl::Status& status);

// How long to wait before the `attempt`-th retry (from 1); doubles from 100 ms.
absl::Duration RetryDelay(int attempt);

inline constexpr int kMaxAttempts = 6;
inline constexpr absl::Duration kCallDeadline = absl::Seconds(30);

// What `attempt() -> absl::StatusOr<…>` comes to, made again while that is ambiguous, kMaxAttempts times at
// most and not after `deadline`. Before it is made again, `wait(number, status)` lets RetryDelay(number)
// pass.
template <typename Attempt, typename Wait>
auto Retried(absl::Time deadline, Attempt attempt, Wait wait) {
  for (int number = 1;; ++number) {
    auto outcome = attempt();
    const bool over = number == kMaxAttempts || absl::Now() + RetryDelay(number) >= deadline;
    if (!IsAmbiguous(outcome.status()) || over) return outcome;
    wait(number, outcome.status());
  }
}
template <typename Attempt>
auto Retried(absl::Time deadline, Attempt attempt) {
  return Retried(deadline, attempt,
                 [](int number, const absl::Status&) { absl::SleepFor(RetryDelay(number)); });
}

// One server and its stubs. Thread-safe.
class Client {
 public:
  // `timeout` is the longest a call takes, all its attempts together.
  explicit Client(const std::string& address, absl::Duration timeout = kCallDeadline);

  // Waits until the server answers, at most `patience`. UNAVAILABLE names the address.
  absl::Status WaitUntilReady(absl::Duration patience);

  // Calls `method` as `actor`; what is ambiguous is sent again, the same to the letter.
  template <typename Stub, typename Request, typename Reply>
  absl::StatusOr<Reply> Call(const base::v1::Actor& actor, Stub& stub,
                             grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Reply*),
                             const Request& request) {
    const absl::Time deadline = absl::Now() + timeout;
    return Retried(deadline, [&]() -> absl::StatusOr<Reply> {
      grpc::ClientContext context;
      rpc::Prepare(context, actor, deadline);
      Reply reply;
      RETURN_IF_ERROR(rpc::FromGrpc((stub.*method)(&context, request, &reply)));
      return reply;
    });
  }

  const absl::Duration timeout;
  const std::shared_ptr<grpc::Channel> channel;
  const std::unique_ptr<orders::v1::OrdersService::Stub> orders;
  const std::unique_ptr<orders::v1::AddressesService::Stub> addresses;
  const std::unique_ptr<orders::v1::ContactsService::Stub> contacts;
  const std::unique_ptr<orders::v1::TimelineService::Stub> timelines;
  const std::unique_ptr<orders::v1::WorkService::Stub> work;
  const std::unique_ptr<incidents::v1::IncidentsService::Stub> incidents;
  const std::unique_ptr<deliveries::v1::DeliveriesService::Stub> deliveries;
  const std::unique_ptr<stores::v1::StoresService::Stub> stores;
  const std::unique_ptr<orders::v1::ScorecardService::Stub> scorecards;
  const std::unique_ptr<orders::v1::FastCentrikService::Stub> fastcentrik;
  const std::unique_ptr<claims::v1::ClaimsService::Stub> claims;
  const std::unique_ptr<payments::v1::PaymentsService::Stub> payments;
  const std::unique_ptr<notifications::v1::NotificationsService::Stub> notifications;
  const std::unique_ptr<events::v1::EventService::Stub> events;
  const std::unique_ptr<base::v1::PolicyService::Stub> policies;
  const std::unique_ptr<base::v1::TestClockService::Stub> clock;

 private:
  const std::string address_;
};

}  // namespace makegood::ctl
