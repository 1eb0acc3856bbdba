// Calling another server: channels, deadlines, and reads before a decision.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/status.h"
#include "common/rpc/rpc.h"
#include "common/rpc/server.h"

namespace makegood::rpc {

// A channel to `address` ("127.0.0.1:7001", "dns:///orders:7001"): round robin over what the name
// resolves to, keepalive, no retries of its own (whoever retries here says so itself).
std::shared_ptr<grpc::Channel> MakeChannel(const std::string& address, ClientInterceptors interceptors = {});

// Where a server that was told to listen on `address` ("0.0.0.0:0", "[::1]:7400") and got `port` can be
// called on this machine.
std::string CallableAt(absl::string_view address, int port);

// Names the caller and sets the deadline of a call, by the wall clock.
void Prepare(grpc::ClientContext& context, const base::v1::Actor& actor, absl::Duration timeout);
void Prepare(grpc::ClientContext& context, const base::v1::Actor& actor, absl::Time deadline);

// What one method of another server says, for CommandAfter:
//
//   rpc::FetchUnary(*stub.async(), &OrdersService::StubInterface::async_interface::GetOrder, request,
//                   actor, absl::Seconds(5))
//
// `async` outlives the call. Nothing is sent until the fetch is run. Statuses as FromGrpc.
template <typename Async, typename Request, typename Reply>
Fetch<Reply> FetchUnary(Async& async,
                        void (Async::*method)(grpc::ClientContext*, const Request*, Reply*,
                                              std::function<void(grpc::Status)>),
                        Request request, base::v1::Actor actor, absl::Duration timeout) {
  struct Exchange {
    grpc::ClientContext context;
    Request request;
    Reply reply;
    absl::AnyInvocable<void(absl::StatusOr<Reply>)> done;
  };
  return [&async, method, request = std::move(request), actor = std::move(actor),
          timeout](absl::AnyInvocable<void(absl::StatusOr<Reply>)> done) {
    auto exchange = std::make_shared<Exchange>();
    Prepare(exchange->context, actor, timeout);
    exchange->request = request;
    exchange->done = std::move(done);
    (async.*method)(&exchange->context, &exchange->request, &exchange->reply,
                    [exchange](const grpc::Status& status) {
                      if (!status.ok()) return exchange->done(FromGrpc(status));
                      exchange->done(std::move(exchange->reply));
                    });
  };
}

// The same at once, for threads that may wait: `(*stub).*method` with `request`.
template <typename Stub, typename Request, typename Reply>
absl::StatusOr<Reply> CallNow(Stub& stub,
                              grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Reply*),
                              const Request& request, const base::v1::Actor& actor, absl::Time deadline) {
  grpc::ClientContext context;
  Prepare(context, actor, deadline);
  Reply reply;
  RETURN_IF_ERROR(FromGrpc((stub.*method)(&context, request, &reply)));
  return reply;
}

// What `read` finds in the service's own store before the decision, for CommandAfter: what spans records that
// the decision cannot name. `store` outlives the call.
template <typename Fact>
Fetch<Fact> FetchOwn(store::Store& store, std::function<absl::StatusOr<Fact>(store::Reader&)> read) {
  return [&store, read = std::move(read)](absl::AnyInvocable<void(absl::StatusOr<Fact>)> done) {
    store.Read([read, done = std::move(done)](absl::StatusOr<store::Reader*> reader) mutable {
      done(reader.ok() ? Contained([&] { return read(**reader); }) : reader.status());
    });
  };
}

// One after the other: what `second` asks for once the first is known. It may refuse instead, so that nothing
// more is asked: who may do it at all is looked at before places are reserved for them.
template <typename First, typename Second>
Fetch<std::pair<First, Second>> FetchThen(
    Fetch<First> first, std::function<absl::StatusOr<Fetch<Second>>(const First& known)> second) {
  using Both = std::pair<First, Second>;
  return [first = std::move(first),
          second = std::move(second)](absl::AnyInvocable<void(absl::StatusOr<Both>)> done) {
    first([second, done = std::move(done)](absl::StatusOr<First> known) mutable {
      if (!known.ok()) return done(known.status());
      absl::StatusOr<Fetch<Second>> next = second(*known);
      if (!next.ok()) return done(next.status());
      (*next)([known = *std::move(known), done = std::move(done)](absl::StatusOr<Second> found) mutable {
        if (!found.ok()) return done(found.status());
        done(Both(std::move(known), *std::move(found)));
      });
    });
  };
}

namespace internal {
// What comes of `work`, read back as what its decision says.
template <typename Fact>
Fetch<Fact> FetchSubmitted(const Environment& environment, store::Work work) {
  return [&environment, work = std::move(work)](absl::AnyInvocable<void(absl::StatusOr<Fact>)> done) {
    environment.store.Submit(work,
                             [done = std::move(done)](const absl::StatusOr<std::string>& decided) mutable {
                               if (!decided.ok()) return done(decided.status());
                               Fact fact;
                               if (!fact.ParseFromString(*decided))
                                 return done(absl::InternalError("a decision cannot be read"));
                               done(std::move(fact));
                             });
  };
}
}  // namespace internal

// What another part of the service's own store decides before the command's own decision, for CommandAfter: a
// reservation (see common/rules/reservations.h). `decide` is committed by itself, and has to say the same
// when it is asked again; nothing of it is where the command is a preview. `environment` outlives the call.
template <typename Fact>
Fetch<Fact> FetchDecided(const Environment& environment, base::v1::Actor actor,
                         const base::v1::Command& command, std::string routing_key,
                         std::function<absl::StatusOr<Fact>(rules::Transaction&)> decide) {
  store::Work work;
  work.routing_key = std::move(routing_key);
  work.validate_only = command.validate_only();
  work.context.actor = std::move(actor);
  work.context.policies = &environment.policies;
  work.context.request_id = command.request_id();
  work.context.seed = absl::StrCat("before/", work.routing_key, "/", command.request_id());
  work.decide = [decide = std::move(decide)](rules::Transaction& tx) -> absl::StatusOr<std::string> {
    ASSIGN_OR_RETURN(const Fact fact, decide(tx));
    return fact.SerializeAsString();
  };
  return internal::FetchSubmitted<Fact>(environment, std::move(work));
}

// What the command would answer, of which nothing is kept, for CommandAfter: before something is taken for it
// that could not be given back, it is known that nothing else refuses it. A command seen before says what it
// said.
template <typename Reply, typename Request, typename Decide>
Fetch<Reply> FetchPreview(const Environment& environment, const grpc::CallbackServerContext* context,
                          const Request* request, std::string routing_key, Decide decide) {
  return [&environment, context, request, routing_key = std::move(routing_key),
          decide](absl::AnyInvocable<void(absl::StatusOr<Reply>)> done) {
    const absl::StatusOr<base::v1::Actor> actor = Admit(*context, *Request::descriptor());
    if (!actor.ok()) return done(actor.status());
    store::Work work = CommandWork(environment, *actor, *request, request->command(), routing_key);
    work.validate_only = true;
    work.decide = [request, decide](rules::Transaction& tx) -> absl::StatusOr<std::string> {
      ASSIGN_OR_RETURN(const Reply reply, decide(*request, tx));
      return reply.SerializeAsString();
    };
    internal::FetchSubmitted<Reply>(environment, std::move(work))(std::move(done));
  };
}

}  // namespace makegood::rpc
