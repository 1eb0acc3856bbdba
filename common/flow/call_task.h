// A call to another service as a task: it is made until it is answered, and every answer leads to a decision
// (SYS-13); while the other service is away it waits (SYS-06).
#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "common/base/log.h"
#include "common/base/status.h"
#include "common/flow/tasks.h"
#include "common/rpc/channels.h"
#include "common/rpc/rpc.h"
#include "common/rules/transaction.h"

namespace makegood::flow {

// What follows from a call's answer, for the case that asked. Both are needed: a refusal is an answer as
// well.
template <typename Request>
struct AfterCall {
  using Accepted = std::function<absl::Status(const Request&, rules::Transaction&)>;
  using Refused =
      std::function<absl::Status(const Request&, const absl::Status& refusal, rules::Transaction&)>;

  AfterCall(Accepted when_accepted, Refused when_refused)
      : accepted(std::move(when_accepted)), refused(std::move(when_refused)) {}

  Accepted accepted;
  Refused refused;
};

// Where nothing is left to decide: what it led to comes back as an event.
template <typename Request>
absl::Status NothingFollows(const Request&, rules::Transaction&) {
  return absl::OkStatus();
}

// The task's payload is the request, complete with the task's id as its request_id. `callee` is the lane:
// whoever it is, the call holds no thread while it waits. `async` outlives the tasks.
//
//   flow::CallTask("payments", *stub.async(), &PaymentsStub::async_interface::GrantRefund, actor,
//                  {flow::NothingFollows<GrantRefundRequest>, tell_the_case})
template <typename Async, typename Request, typename Reply>
TaskKind CallTask(std::string callee, Async& async,
                  void (Async::*method)(grpc::ClientContext*, const Request*, Reply*,
                                        std::function<void(grpc::Status)>),
                  base::v1::Actor actor, AfterCall<Request> after) {
  struct Exchange {
    std::string task_id;
    grpc::ClientContext context;
    Request request;
    Reply reply;
    HandlerDone done;
  };
  const auto shared = std::make_shared<const AfterCall<Request>>(std::move(after));
  const auto answered = [shared, callee](Exchange& exchange, const absl::Status& answer) {
    if (!answer.ok() && FailureOf(answer) != Failure::kRefusal) return exchange.done(answer);
    if (!answer.ok()) {
      Log(LogLevel::kInfo, "a call was refused",
          {{"task_id", exchange.task_id},
           {"callee", callee},
           {"rule", RuleOf(answer)},
           {"error", std::string(answer.message())}});
    }
    exchange.done(Decision([shared, answer, request = std::move(exchange.request)](rules::Transaction& tx) {
      return answer.ok() ? shared->accepted(request, tx) : shared->refused(request, answer, tx);
    }));
  };
  return {std::move(callee),
          [&async, method, actor = std::move(actor), answered](const rules::Task& task, absl::Time deadline,
                                                               HandlerDone done) -> Cancel {
            auto exchange = std::make_shared<Exchange>();
            if (!exchange->request.ParseFromString(task.payload)) {
              done(absl::DataLossError("the task's request cannot be read"));
              return nullptr;
            }
            exchange->task_id = task.id;
            exchange->done = std::move(done);
            rpc::Prepare(exchange->context, actor, deadline);
            (async.*method)(&exchange->context, &exchange->request, &exchange->reply,
                            [exchange, answered](const grpc::Status& status) {
                              answered(*exchange, rpc::FromGrpc(status));
                            });
            return [exchange] { exchange->context.TryCancel(); };
          }};
}

}  // namespace makegood::flow
