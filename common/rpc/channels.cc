#include "common/rpc/channels.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace makegood::rpc {

std::shared_ptr<grpc::Channel> MakeChannel(const std::string& address, ClientInterceptors interceptors) {
  grpc::ChannelArguments arguments;
  arguments.SetLoadBalancingPolicyName("round_robin");
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  // A peer that stands still is known to within half a minute; servers take no more pings than one in ten
  // seconds.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 20'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5'000);
  // How long connecting itself may take; a busy machine needs more than a moment.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 5'000);
  // A peer that was down is found again soon after it is back.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2'000);
  return grpc::experimental::CreateCustomChannelWithInterceptors(address, grpc::InsecureChannelCredentials(),
                                                                 arguments, std::move(interceptors));
}

std::string CallableAt(absl::string_view address, int port) {
  if (absl::StartsWith(address, "unix")) return std::string(address);
  absl::string_view host = address.substr(0, address.rfind(':'));
  if (host.empty() || host == "0.0.0.0") host = "127.0.0.1";
  if (host == "[::]") host = "[::1]";
  return absl::StrCat(host, ":", port);
}

void Prepare(grpc::ClientContext& context, const base::v1::Actor& actor, absl::Duration timeout) {
  Prepare(context, actor, absl::Now() + timeout);
}

void Prepare(grpc::ClientContext& context, const base::v1::Actor& actor, absl::Time deadline) {
  SetActor(context, actor);
  context.set_deadline(absl::ToChronoTime(deadline));
}

}  // namespace makegood::rpc
