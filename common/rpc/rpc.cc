#include "common/rpc/rpc.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/synchronization/mutex.h"
#include "common/base/ids.h"
#include "common/rpc/internal.h"
#include "common/rules/scope.h"
#include "google/protobuf/descriptor.h"

namespace makegood::rpc {
namespace {

using base::v1::Actor;
using google::protobuf::Message;

// Appends with its length in front, so that no two lists of texts look the same.
void AppendPrefixed(std::string& out, absl::string_view text) {
  absl::StrAppend(&out, text.size(), ":", text);
}

// Two stores' people may have the same name. Who is of no store has none in the scope either, as before there
// was one: replies kept then are still found.
std::string ScopeOf(const Actor& actor, const Message& request, absl::string_view routing_key,
                    absl::string_view request_id) {
  const google::protobuf::MethodDescriptor* const method = rules::MethodOf(*request.GetDescriptor());
  std::string text;
  AppendPrefixed(text, base::v1::Role_Name(actor.role()));
  AppendPrefixed(text, actor.actor_id());
  if (!actor.store_id().empty()) AppendPrefixed(text, absl::StrCat("store ", actor.store_id()));
  AppendPrefixed(text, method == nullptr ? request.GetDescriptor()->full_name() : method->full_name());
  AppendPrefixed(text, routing_key);
  AppendPrefixed(text, request_id);
  return Sha256(text);
}

// What the caller asks for: the request without the call's own request_id and validate_only.
std::string ContentOf(const Message& request) {
  const std::unique_ptr<Message> content(request.New());
  content->CopyFrom(request);
  const auto* field = content->GetDescriptor()->FindFieldByName("command");
  if (field != nullptr && field->message_type() == base::v1::Command::descriptor()) {
    auto* command =
        static_cast<base::v1::Command*>(content->GetReflection()->MutableMessage(content.get(), field));
    command->clear_request_id();
    command->clear_validate_only();
  }
  return Sha256(internal::BytesOf(*content));
}

// What a message takes in memory: some four times its bytes on the wire. Nothing for small ones, whose number
// is bounded elsewhere.
uint64_t Weight(const Message& message) {
  constexpr size_t kSmall = 4 << 10;
  constexpr uint64_t kInMemory = 4;
  const size_t bytes = message.ByteSizeLong();
  return bytes < kSmall ? 0 : bytes * kInMemory;
}

// Holds what a call takes up until its answer has left, which may be long after it was decided.
class Holding final : public grpc::ServerUnaryReactor {
 public:
  explicit Holding(std::shared_ptr<Shares> shares) : shares_(std::move(shares)) {}

  // RESOURCE_EXHAUSTED where the caller, or all together, have too much under way.
  absl::Status TakeRequest(const Actor& actor, const Message& request, bool list) {
    caller_ = rules::CallerOf(actor);
    RETURN_IF_ERROR(Take(shares_->bytes, Weight(request), request_));
    return list ? Take(shares_->lists, 1, list_) : absl::OkStatus();
  }

  absl::Status TakeReply(const Message& reply) { return Take(shares_->bytes, Weight(reply), answer_); }

  // What is decided cannot be refused any more.
  void AddReply(const Message& reply) {
    if (const uint64_t weight = Weight(reply); weight > 0)
      answer_ = shares_->bytes.TakeAnyway(caller_, weight);
  }

  void OnDone() override { delete this; }

 private:
  absl::Status Take(Places& places, uint64_t amount, Places::Place& place) const {
    if (amount == 0) return absl::OkStatus();
    ASSIGN_OR_RETURN(place, places.Take(caller_, amount));
    return absl::OkStatus();
  }

  const std::shared_ptr<Shares> shares_;
  Caller caller_;
  Places::Place request_;
  Places::Place list_;
  Places::Place answer_;
};

// A call under way and how it ends: exactly once.
struct Pending {
  Pending(const Environment& environment, grpc::CallbackServerContext* context, const Message& request)
      : environment(environment),
        context(context),
        reactor(new Holding(environment.shares)),
        call(*context, *request.GetDescriptor()) {}

  // Each refusal once, whether it ends the call or is one of many.
  void CountRefusal(const absl::Status& status) const {
    if (!environment.refused || status.ok()) return;
    if (const std::string rule = RuleOf(status); !rule.empty()) environment.refused(rule);
  }

  void Finish(const absl::Status& status) const {
    CountRefusal(status);
    reactor->Finish(call.Close(status));
  }

  const Environment& environment;
  grpc::CallbackServerContext* context;
  Holding* reactor;
  Call call;
};

absl::StatusOr<Actor> PassGates(const Pending& pending, const Message& request, bool list = false) {
  ASSIGN_OR_RETURN(Actor actor, rpc::PassGates(*pending.context, request));
  RETURN_IF_ERROR(pending.reactor->TakeRequest(actor, request, list));
  return actor;
}

// The gates, then the work a command is, still without its decision.
absl::StatusOr<store::Work> Begin(const Pending& pending, const Message& request,
                                  const base::v1::Command& command, absl::string_view routing_key) {
  return Contained([&]() -> absl::StatusOr<store::Work> {
    ASSIGN_OR_RETURN(const Actor actor, PassGates(pending, request));
    return CommandWork(pending.environment, actor, request, command, routing_key);
  });
}

// Unless the decision has just filled it in.
absl::Status Fill(Message& reply, const std::string& stored) {
  if (reply.ByteSizeLong() == stored.size()) return absl::OkStatus();
  return reply.ParseFromString(stored) ? absl::OkStatus()
                                       : absl::DataLossError("a kept reply cannot be read");
}

void Submit(const Pending& pending, store::Work work, Message& reply) {
  pending.environment.store.Submit(std::move(work), [pending, &reply](absl::StatusOr<std::string> stored) {
    if (!stored.ok()) return pending.Finish(stored.status());
    const absl::Status filled = Fill(reply, *stored);
    pending.reactor->AddReply(reply);
    pending.Finish(filled);
  });
}

// A command seen before is answered as it was, whatever its owner says of it now; another one with `refusal`.
void FinishByKept(const Pending& pending, const store::Work& work, const absl::Status& refusal,
                  Message& reply) {
  const uint32_t part = PartOf(work.routing_key, pending.environment.store.parts());
  pending.environment.store.ReadByKey(
      [pending, replay = *work.replay, part, refusal, &reply](absl::StatusOr<store::Reader*> reader) {
        if (!reader.ok()) return pending.Finish(reader.status());
        const auto kept = Contained([&] { return (*reader)->Reply(part, replay); });
        if (!kept.ok()) return pending.Finish(kept.status());
        pending.Finish(kept->has_value() ? Fill(reply, **kept) : refusal);
      });
}

}  // namespace

store::Work CommandWork(const Environment& environment, const Actor& actor, const Message& request,
                        const base::v1::Command& command, absl::string_view routing_key) {
  store::Work work;
  work.routing_key = std::string(routing_key);
  work.validate_only = command.validate_only();
  work.replay =
      store::ReplayKey{ScopeOf(actor, request, routing_key, command.request_id()), ContentOf(request)};
  work.context.actor = actor;
  work.caller = rules::CallerOf(actor);
  work.context.policies = &environment.policies;
  work.context.seed = work.replay->scope;
  work.context.request_id = command.request_id();
  if (command.has_expected_version()) work.context.expected_version = command.expected_version();
  return work;
}

std::string CaseKey(const Actor& actor, const Message& request, const base::v1::Command& command,
                    absl::string_view routing_key) {
  return absl::BytesToHexString(ScopeOf(actor, request, routing_key, command.request_id()));
}

namespace {

// What became of many, until the last is decided.
struct Many {
  Many(const Pending& pending, std::vector<OneOfMany> of,
       std::function<void(const std::vector<absl::StatusOr<std::string>>&)> answer, const Message& reply)
      : pending(pending),
        of(std::move(of)),
        answer(std::move(answer)),
        reply(reply),
        results(this->of.size(), absl::UnknownError("not decided")),
        left(this->of.size()) {}

  // Thread-safe.
  void Take(size_t i, absl::StatusOr<std::string> result) {
    pending.CountRefusal(result.status());
    {
      absl::MutexLock lock(&mutex);
      results[i] = std::move(result);
      if (--left > 0) return;
    }
    answer(results);
    pending.reactor->AddReply(reply);
    pending.Finish(absl::OkStatus());
  }

  const Pending pending;
  const std::vector<OneOfMany> of;
  const std::function<void(const std::vector<absl::StatusOr<std::string>>&)> answer;
  const Message& reply;
  absl::Mutex mutex;
  std::vector<absl::StatusOr<std::string>> results;  // guarded by the mutex until none is left
  size_t left;
};

}  // namespace

grpc::ServerUnaryReactor* CommandEach(
    const Environment& environment, grpc::CallbackServerContext* context, const Message& request,
    const base::v1::Command& command, const std::function<absl::StatusOr<std::vector<OneOfMany>>()>& split,
    std::function<void(const std::vector<absl::StatusOr<std::string>>& results)> answer,
    const Message& reply) {
  const Pending pending(environment, context, request);
  const absl::StatusOr<Actor> actor = Contained([&] { return PassGates(pending, request); });
  absl::StatusOr<std::vector<OneOfMany>> of = actor.ok() ? Contained(split) : actor.status();
  if (!of.ok()) {
    pending.Finish(of.status());
    return pending.reactor;
  }
  const auto many = std::make_shared<Many>(pending, *std::move(of), std::move(answer), reply);
  for (size_t i = 0; i < many->of.size(); ++i) {
    const OneOfMany& one = many->of[i];
    store::Work work = CommandWork(environment, *actor, *one.request, command, one.routing_key);
    work.decide = one.decide;
    environment.store.Submit(
        std::move(work), [many, i](absl::StatusOr<std::string> stored) { many->Take(i, std::move(stored)); });
  }
  return pending.reactor;
}

namespace internal {

std::string BytesOf(const Message& message) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
  }
  return bytes;
}

grpc::ServerUnaryReactor* RunCommand(const Environment& environment, grpc::CallbackServerContext* context,
                                     const Message& request, const base::v1::Command& command,
                                     absl::string_view routing_key,
                                     std::function<absl::StatusOr<std::string>(rules::Transaction&)> decide,
                                     Message& reply) {
  const Pending pending(environment, context, request);
  absl::StatusOr<store::Work> work = Begin(pending, request, command, routing_key);
  if (!work.ok()) {
    pending.Finish(work.status());
    return pending.reactor;
  }
  work->decide = std::move(decide);
  Submit(pending, *std::move(work), reply);
  return pending.reactor;
}

grpc::ServerUnaryReactor* RunCommandAfter(
    const Environment& environment, grpc::CallbackServerContext* context, const Message& request,
    const base::v1::Command& command, absl::string_view routing_key,
    std::function<void(absl::AnyInvocable<void(DecisionOr)>)> fetch_then_decide, Message& reply) {
  const Pending pending(environment, context, request);
  absl::StatusOr<store::Work> begun = Begin(pending, request, command, routing_key);
  if (!begun.ok()) {
    pending.Finish(begun.status());
    return pending.reactor;
  }
  const absl::Status asked = Contained([&] {
    fetch_then_decide([pending, work = *std::move(begun), &reply](DecisionOr decision) mutable {
      if (!decision.ok()) return FinishByKept(pending, work, decision.status(), reply);
      if (const absl::Status awaited = CheckAwaited(*pending.context); !awaited.ok()) {
        return pending.Finish(awaited);
      }
      work.decide = *std::move(decision);
      Submit(pending, std::move(work), reply);
    });
    return absl::OkStatus();
  });
  if (!asked.ok()) pending.Finish(asked);
  return pending.reactor;
}

grpc::ServerUnaryReactor* RunRead(const Environment& environment, grpc::CallbackServerContext* context,
                                  const Message& request, bool by_key,
                                  std::function<absl::Status(const Actor&, store::Reader&)> read,
                                  const Message& reply) {
  const Pending pending(environment, context, request);
  absl::StatusOr<Actor> actor = Contained([&] { return PassGates(pending, request, !by_key); });
  if (!actor.ok()) {
    pending.Finish(actor.status());
    return pending.reactor;
  }
  auto answer = [pending, actor = *std::move(actor), read = std::move(read),
                 &reply](absl::StatusOr<store::Reader*> reader) {
    if (!reader.ok()) return pending.Finish(reader.status());
    absl::Status done = Contained([&] { return read(actor, **reader); });
    if (done.ok()) done = pending.reactor->TakeReply(reply);
    pending.Finish(done);
  };
  if (by_key) {
    environment.store.ReadByKey(std::move(answer));
  } else {
    environment.store.Read(std::move(answer));
  }
  return pending.reactor;
}

}  // namespace internal

}  // namespace makegood::rpc
