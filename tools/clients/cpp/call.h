// What a C++ program needs beside Makegood's generated stubs: an actor and a deadline on each call, the
// same request again while its outcome is open, and the reasons of a refusal.
#pragma once

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>

#include "google/rpc/code.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace example {

using std::chrono::milliseconds;

// Who calls, in the metadata of each call: one role, the caller's own id, the store of store people.
struct Actor {
  const char* role;
  const char* id;
  const char* store = nullptr;
};

inline constexpr milliseconds kDeadline(20'000);      // for every single attempt
inline constexpr std::chrono::seconds kPatience(60);  // after which a call is not tried again

[[noreturn]] inline void Fail(const std::string& what) {
  std::fprintf(stderr, "not as promised: %s\n", what.c_str());
  std::exit(1);
}

inline void Say(const std::string& what) {
  std::puts(what.c_str());
  std::fflush(stdout);
}

inline void Promise(bool kept, const std::string& what) { kept ? Say(what) : Fail(what); }

inline std::string NameOf(grpc::StatusCode code) {
  return google::rpc::Code_Name(static_cast<google::rpc::Code>(code));
}

// A channel has a back-off of its own, up to two minutes, in which every attempt fails.
inline std::shared_ptr<grpc::Channel> Connect(const std::string& server) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2'000);
  return grpc::CreateCustomChannel(server, grpc::InsecureChannelCredentials(), arguments);
}

inline void Begin(grpc::ClientContext& context, const Actor& actor) {
  context.AddMetadata("makegood-role", actor.role);
  context.AddMetadata("makegood-actor", actor.id);
  if (actor.store != nullptr) context.AddMetadata("makegood-store", actor.store);
  context.set_deadline(std::chrono::system_clock::now() + kDeadline);
}

// After these nobody knows whether the command was done, or it was not begun: send the same again.
inline bool IsRetried(grpc::StatusCode code) {
  return code == grpc::UNAVAILABLE || code == grpc::DEADLINE_EXCEEDED || code == grpc::RESOURCE_EXHAUSTED;
}

// Sends again while the outcome is open; the request, and so its request_id, stays the same.
inline grpc::Status Retrying(const Actor& actor,
                             const std::function<grpc::Status(grpc::ClientContext&)>& send) {
  std::minstd_rand chance{std::random_device()()};
  const auto give_up = std::chrono::steady_clock::now() + kPatience;
  milliseconds base(100);
  for (bool again = false;; again = true, base = std::min(2 * base, milliseconds(1'000))) {
    grpc::ClientContext context;  // one for each attempt
    Begin(context, actor);
    // Further attempts wait for the connection: without a call nobody looks after it for seconds.
    context.set_wait_for_ready(again);
    const grpc::Status status = send(context);
    if (!IsRetried(status.error_code()) || std::chrono::steady_clock::now() > give_up) return status;
    const milliseconds pause = base + base * std::uniform_int_distribution(0, 100)(chance) / 100;
    Say("   " + NameOf(status.error_code()) + ": the same request again in " + std::to_string(pause.count()) +
        " ms");
    std::this_thread::sleep_for(pause);
  }
}

// Makes a unary call.
template <typename Stub, typename Request, typename Reply>
grpc::Status Try(Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Reply*),
                 const Request& request, Reply& reply, const Actor& actor) {
  return Retrying(actor,
                  [&](grpc::ClientContext& context) { return (stub.*method)(&context, request, &reply); });
}

// Makes one that must succeed.
template <typename Stub, typename Request, typename Reply>
Reply Call(Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Reply*),
           const Request& request, const Actor& actor) {
  Reply reply;
  const grpc::Status status = Try(stub, method, request, reply, actor);
  if (!status.ok()) Fail(NameOf(status.error_code()) + ": " + status.error_message());
  return reply;
}

// Why a call was refused: the rule, and what is wrong with which field.
struct Refusal {
  std::string rule;
  std::map<std::string, std::string> fields;
};

// Reads the google.rpc.Status that came in grpc-status-details-bin.
inline Refusal Explain(const grpc::Status& status) {
  Refusal refusal;
  google::rpc::Status rich;
  if (!rich.ParseFromString(status.error_details())) return refusal;
  google::rpc::ErrorInfo info;
  google::rpc::BadRequest bad_request;
  for (const google::protobuf::Any& detail : rich.details()) {
    if (detail.UnpackTo(&info) && info.domain() == "makegood") refusal.rule = info.reason();
    if (detail.UnpackTo(&bad_request)) {
      for (const auto& wrong : bad_request.field_violations()) {
        refusal.fields[wrong.field()] = wrong.description();
      }
    }
  }
  return refusal;
}

// The refusal of a call that must be refused; says why it was.
template <typename Stub, typename Request, typename Reply>
Refusal Refused(Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Reply*),
                const Request& request, const Actor& actor) {
  Reply reply;
  const grpc::Status status = Try(stub, method, request, reply, actor);
  if (status.ok()) Fail("the call was not refused");
  const Refusal refusal = Explain(status);
  Say("   refused, " + NameOf(status.error_code()) +
      (refusal.rule.empty() ? "" : " by rule " + refusal.rule) + "\n     " + status.error_message());
  for (const auto& [field, description] : refusal.fields) Say("     field " + field + ": " + description);
  return refusal;
}

// What another service does with an event comes a moment later: looks again, ever more rarely.
inline void WaitUntil(const std::string& what, const std::function<bool()>& look) {
  milliseconds pause(20);
  for (int number = 0; number < 12; ++number, pause = std::min(2 * pause, milliseconds(2'000))) {
    if (look()) return Say(what);
    std::this_thread::sleep_for(pause);
  }
  Fail(what);
}

}  // namespace example
