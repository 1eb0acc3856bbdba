// Posts as tasks (see common/rules/posts.h): what one part of a store tells another.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/ids.h"
#include "common/base/status.h"
#include "common/flow/tasks.h"
#include "common/rules/reservations.h"

namespace makegood::flow {

// Applies the posts of one kind, each once and those of a part in the order in which they were posted. An
// error of `apply` that is not of the way is a mistake of ours: the post is stuck, in sight, a refusal at
// once and a fault after some attempts, and the next goes on. `store` and `policies` outlive the tasks.
template <typename Message>
TaskKind PostTask(store::Store& store, const rules::PolicyBook& policies, base::v1::Actor actor,
                  std::function<absl::Status(const Message&, rules::Transaction&)> apply) {
  AsyncTaskHandler deliver = [&store, &policies, actor = std::move(actor), apply = std::move(apply)](
                                 const rules::Task& task, absl::Time, HandlerDone done) -> Cancel {
    base::v1::Post post;
    Message message;
    if (!post.ParseFromString(task.payload) || !message.ParseFromString(post.message())) {
      done(absl::DataLossError("a post cannot be read"));
      return nullptr;
    }
    store::Work work;
    work.routing_key = post.routing_key();
    // Applied before: its reply is kept.
    const std::string name = absl::StrCat(post.from_part(), "/", task.id);
    work.replay = store::ReplayKey{Sha256(name), Sha256(task.payload)};
    work.context.actor = actor;
    work.context.policies = &policies;
    work.context.seed = name;
    work.context.request_id = name;
    work.decide = [apply, message](rules::Transaction& tx) -> absl::StatusOr<std::string> {
      RETURN_IF_ERROR(apply(message, tx));
      return std::string();
    };
    auto shared = std::make_shared<HandlerDone>(std::move(done));
    store.Submit(std::move(work), [shared](const absl::StatusOr<std::string>& applied) {
      if (!applied.ok()) return (*shared)(applied.status());
      (*shared)(NothingToDecide);
    });
    return nullptr;
  };
  TaskKind kind{"posts", std::move(deliver)};
  kind.in_order = true;
  return kind;
}

// All that reservations do by themselves, for a service whose rules use them.
inline void AddReservationKinds(store::Store& store, const rules::PolicyBook& policies,
                                const base::v1::Actor& actor, TaskKinds& kinds) {
  using rules::ReservationNews;
  kinds[rules::kReservationEnds] =
      Timer([](const rules::Task& task, rules::Transaction& tx) { return rules::EndTerm(task.payload, tx); });
  kinds[rules::kConfirmReservation] = PostTask<ReservationNews>(store, policies, actor, rules::Confirm);
  kinds[rules::kReleaseReservation] = PostTask<ReservationNews>(store, policies, actor, rules::Release);
  kinds[rules::kAskHolder] = PostTask<ReservationNews>(store, policies, actor, rules::AskHolder);
}

}  // namespace makegood::flow
