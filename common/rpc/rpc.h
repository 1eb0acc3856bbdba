// From the wire to a decision and back: what a handler needs, in one line.
//
//   grpc::ServerUnaryReactor* ClaimsService::ApproveClaim(
//       grpc::CallbackServerContext* context, const ApproveClaimRequest* request, Claim* reply) {
//     return rpc::Command(environment_, context, request, reply, request->claim_id(), rules::ApproveClaim);
//   }
//
// Every call passes the same gates in the same order: the actor is read from metadata
// (UNAUTHENTICATED), the method's access option is enforced (PERMISSION_DENIED), every field is
// checked against field.proto (INVALID_ARGUMENT with all violations), a deadline already past is
// refused. Only then work is submitted. Statuses become grpc::Status with google.rpc details in
// one place; no exception crosses a callback.
#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/rpc/shares.h"
#include "common/rules/policy/policy_book.h"
#include "common/rules/transaction.h"
#include "common/store/store.h"
#include "google/protobuf/message.h"
#include "makegood/base/v1/command.pb.h"

namespace makegood::rpc {

// What the handlers of one service share. Outlives the service; owned by main.
struct Environment {
  store::Store& store;
  const rules::PolicyBook& policies;
  const Clock& clock;  // the domain's
  // Told the rule of every refusal that leaves the server, on any thread; for the metrics.
  std::function<void(absl::string_view rule_id)> refused = {};
  // What callers may take up; the services of one process have it together.
  std::shared_ptr<Shares> shares = std::make_shared<Shares>();
};

// Metadata keys that name the actor in the clear; accepted from this machine only.
inline constexpr char kRoleKey[] = "makegood-role";    // a Role's name without ROLE_, any case
inline constexpr char kActorKey[] = "makegood-actor";  // the caller's id
inline constexpr char kStoreKey[] = "makegood-store";  // the store id, where the role has one

// Adds those keys to a client's call.
void SetActor(grpc::ClientContext& context, const base::v1::Actor& actor);

// The one place where an absl::Status becomes a grpc::Status and back. Rules travel as
// google.rpc.ErrorInfo {reason: rule ID, domain: "makegood"}, with the record it is about, as it is now, in
// its metadata (type, id, version) where there is one, as for ABORTED; fields as google.rpc.BadRequest, a
// full queue and news not here yet (SYS-13) with google.rpc.RetryInfo. INTERNAL, UNKNOWN and DATA_LOSS texts
// do not leave the server, they are logged. Many clients take at most 8 KiB of trailers, so of very many
// violations the first that fit travel, and the last of them says how many more there are.
grpc::Status ToGrpc(const absl::Status& status);
absl::Status FromGrpc(const grpc::Status& status);

// One call, for its end: Command and Read keep one by themselves, other handlers (streams) make
// one on arrival. Valid as long as the call's context.
class Call {
 public:
  Call(const grpc::ServerContextBase& context, const google::protobuf::Descriptor& request_descriptor);

  // As ToGrpc; and logs the call (server faults as errors, everything else at debug level) with
  // trace id, method, code and duration.
  grpc::Status Close(const absl::Status& status) const;

 private:
  const grpc::ServerContextBase* context_;
  const google::protobuf::Descriptor* request_descriptor_;
  absl::Time start_;
};

// Who calls and may call: the first two gates, for handlers that are no Command or Read
// (streams). `request_descriptor` names the method: every method has a request of its own.
absl::StatusOr<base::v1::Actor> Admit(const grpc::ServerContextBase& context,
                                      const google::protobuf::Descriptor& request_descriptor);

// The last gate: CANCELLED or DEADLINE_EXCEEDED where nobody waits for the answer any more. What
// was submitted before is decided and committed all the same.
absl::Status CheckAwaited(const grpc::CallbackServerContext& context);

// The third gate: every field of `message` against field.proto, sub-messages included.
absl::Status CheckFields(const google::protobuf::Message& message);

// All of them, in their order: who calls.
absl::StatusOr<base::v1::Actor> PassGates(const grpc::CallbackServerContext& context,
                                          const google::protobuf::Message& request);

// What a command of this request would repeat, and the seed of its new ids.
store::Work CommandWork(const Environment& environment, const base::v1::Actor& actor,
                        const google::protobuf::Message& request, const base::v1::Command& command,
                        absl::string_view routing_key);

// What is the same whenever the same caller, with their store, asks the same again: an id for what is taken
// in another part before the decision (common/rules/reservations.h). 64 hexadecimal digits.
std::string CaseKey(const base::v1::Actor& actor, const google::protobuf::Message& request,
                    const base::v1::Command& command, absl::string_view routing_key);

namespace internal {
// Runs the gates and submits; `finish` sets the reply and the status. See rpc.cc.
grpc::ServerUnaryReactor* RunCommand(const Environment& environment, grpc::CallbackServerContext* context,
                                     const google::protobuf::Message& request,
                                     const base::v1::Command& command, absl::string_view routing_key,
                                     std::function<absl::StatusOr<std::string>(rules::Transaction&)> decide,
                                     google::protobuf::Message& reply);
grpc::ServerUnaryReactor* RunRead(const Environment& environment, grpc::CallbackServerContext* context,
                                  const google::protobuf::Message& request, bool by_key,
                                  std::function<absl::Status(const base::v1::Actor&, store::Reader&)> read,
                                  const google::protobuf::Message& reply);

// The reply is filled in already when the decision is made, and need not be read back from its stored
// form; only replays are. Returns that form.
template <typename Reply>
std::string Keep(Reply decided, Reply& reply) {
  std::string stored = decided.SerializeAsString();
  reply = std::move(decided);
  return stored;
}
}  // namespace internal

// A command: `decide(const Request&, rules::Transaction&) -> absl::StatusOr<Reply>`, pure, run by the
// store in the part of `routing_key`. The request lives as long as the call (gRPC's promise), so
// it is not copied.
template <typename Request, typename Reply, typename Decide>
grpc::ServerUnaryReactor* Command(const Environment& environment, grpc::CallbackServerContext* context,
                                  const Request* request, Reply* reply, absl::string_view routing_key,
                                  Decide decide) {
  return internal::RunCommand(
      environment, context, *request, request->command(), routing_key,
      [request, reply, decide](rules::Transaction& tx) -> absl::StatusOr<std::string> {
        ASSIGN_OR_RETURN(Reply decided, decide(*request, tx));
        return internal::Keep(std::move(decided), *reply);
      },
      *reply);
}

// A command that must first know something that its decision cannot see: `fetch(done)` asks its owner,
// another service or part (asynchronously, with a deadline; see channels.h), and calls `done` once with what
// it says; `decide(const Request&, const Fact&, rules::Transaction&) -> absl::StatusOr<Reply>`. A command
// seen before is answered from its kept reply, also where the owner does not answer or now refuses.
template <typename Fact>
using Fetch = std::function<void(absl::AnyInvocable<void(absl::StatusOr<Fact>)> done)>;

namespace internal {
// The gates, then `fetch_then_decide`, which calls back with the decision to submit or with why not.
using DecisionOr = absl::StatusOr<std::function<absl::StatusOr<std::string>(rules::Transaction&)>>;
grpc::ServerUnaryReactor* RunCommandAfter(
    const Environment& environment, grpc::CallbackServerContext* context,
    const google::protobuf::Message& request, const base::v1::Command& command, absl::string_view routing_key,
    std::function<void(absl::AnyInvocable<void(DecisionOr)>)> fetch_then_decide,
    google::protobuf::Message& reply);
}  // namespace internal

template <typename Fact, typename Request, typename Reply, typename Decide>
grpc::ServerUnaryReactor* CommandAfter(const Environment& environment, grpc::CallbackServerContext* context,
                                       const Request* request, Reply* reply, absl::string_view routing_key,
                                       Fetch<Fact> fetch, Decide decide) {
  return internal::RunCommandAfter(
      environment, context, *request, request->command(), routing_key,
      [request, reply, fetch = std::move(fetch),
       decide](absl::AnyInvocable<void(internal::DecisionOr)> then) {
        fetch([request, reply, decide, then = std::move(then)](absl::StatusOr<Fact> fact) mutable {
          if (!fact.ok()) return then(std::move(fact).status());
          then([request, reply, decide,
                fact = *std::move(fact)](rules::Transaction& tx) -> absl::StatusOr<std::string> {
            ASSIGN_OR_RETURN(Reply decided, decide(*request, fact, tx));
            return internal::Keep(std::move(decided), *reply);
          });
        });
      },
      *reply);
}

// A command about many records, of which each is decided alone, in its own part and commit.
struct OneOfMany {
  std::string routing_key;
  std::unique_ptr<google::protobuf::Message> request;  // the whole command's, about this one alone
  std::function<absl::StatusOr<std::string>(rules::Transaction&)> decide;  // may refer to `request`
};

// The gates once, then each of `split`'s is submitted; once all are decided `answer` fills the reply from
// what came of each, in their order, and the call ends with OK. A repetition finds each one's own kept reply
// (SYS-02).
grpc::ServerUnaryReactor* CommandEach(
    const Environment& environment, grpc::CallbackServerContext* context,
    const google::protobuf::Message& request, const base::v1::Command& command,
    const std::function<absl::StatusOr<std::vector<OneOfMany>>()>& split,
    std::function<void(const std::vector<absl::StatusOr<std::string>>& results)> answer,
    const google::protobuf::Message& reply);

namespace internal {
template <typename Request, typename Reply, typename ReadFn>
std::function<absl::Status(const base::v1::Actor&, store::Reader&)> Reading(const Request* request,
                                                                            Reply* reply, ReadFn read) {
  return [request, reply, read](const base::v1::Actor& actor, store::Reader& reader) -> absl::Status {
    ASSIGN_OR_RETURN(*reply, read(*request, actor, reader));
    return absl::OkStatus();
  };
}
}  // namespace internal

// A read: `read(const Request&, const base::v1::Actor&, store::Reader&) -> absl::StatusOr<Reply>`,
// on the store's pool of readers.
template <typename Request, typename Reply, typename ReadFn>
grpc::ServerUnaryReactor* Read(const Environment& environment, grpc::CallbackServerContext* context,
                               const Request* request, Reply* reply, ReadFn read) {
  return internal::RunRead(environment, context, *request, /*by_key=*/false,
                           internal::Reading(request, reply, std::move(read)), *reply);
}

// The same for a read of a few records by key, never of a list: answered at once where that can be.
template <typename Request, typename Reply, typename ReadFn>
grpc::ServerUnaryReactor* ReadByKey(const Environment& environment, grpc::CallbackServerContext* context,
                                    const Request* request, Reply* reply, ReadFn read) {
  return internal::RunRead(environment, context, *request, /*by_key=*/true,
                           internal::Reading(request, reply, std::move(read)), *reply);
}

// A record by key for a Read, or NOT_FOUND.
template <typename M>
absl::StatusOr<M> GetRecord(store::Reader& reader, uint32_t part, absl::string_view id) {
  using Traits = rules::RecordTraits<M>;
  ASSIGN_OR_RETURN(const std::optional<rules::StoredRecord> record,
                   reader.Get(part, rules::RecordKey{std::string(Traits::kKind), std::string(id)}));
  if (!record.has_value()) return NotFound(Traits::kKind, id);
  return rules::Read<M>(*record);
}

}  // namespace makegood::rpc
