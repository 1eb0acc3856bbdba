// Calling another server: channels, deadlines, and reads before a decision.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/time/time.h"
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

// What `read` finds in the service's own store before the decision, for CommandAfter: what spans records that
// the decision cannot name. `store` outlives the call.
template <typename Fact>
Fetch<Fact> FetchOwn(store::Store& store, std::function<absl::StatusOr<Fact>(store::Reader&)> read) {
  return [&store, read = std::move(read)](absl::AnyInvocable<void(absl::StatusOr<Fact>)> done) {
    store.Read([read, done = std::move(done)](absl::StatusOr<store::Reader*> reader) mutable {
      done(reader.ok() ? read(**reader) : reader.status());
    });
  };
}

}  // namespace makegood::rpc
