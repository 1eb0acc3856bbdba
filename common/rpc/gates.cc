// Who calls, may they, is the request well-formed, does anybody wait: the gates before a decision.
#include <algorithm>
#include <chrono>
#include <cstring>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/rpc/internal.h"
#include "common/rpc/rpc.h"
#include "common/rules/fields/field_check.h"
#include "common/rules/scope.h"
#include "google/protobuf/descriptor.h"
#include "makegood/base/v1/access.pb.h"

namespace makegood::rpc {
namespace {

using base::v1::Actor;
using base::v1::Role;
using google::protobuf::Descriptor;
using google::protobuf::MethodDescriptor;

constexpr size_t kMaxIdLength = 128;

// Nobody that we know.
absl::Status Unknown(absl::string_view why) { return WithRule(absl::UnauthenticatedError(why), "ROL-11"); }

bool IsId(absl::string_view text) {
  return !text.empty() && text.size() <= kMaxIdLength && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '_' || c == ':' || c == '-';
  });
}

// The id under `key`, or nothing; UNAUTHENTICATED if it is no id or is given twice.
absl::StatusOr<std::optional<std::string>> IdUnder(const grpc::ServerContextBase& context, const char* key) {
  const auto [first, last] = context.client_metadata().equal_range(key);
  if (first == last) return std::optional<std::string>();
  if (std::next(first) != last) {
    return Unknown(absl::StrCat(key, " is given more than once"));
  }
  const absl::string_view value(first->second.data(), first->second.size());
  if (!IsId(value)) {
    return Unknown(absl::StrCat(key, " is no id: want 1 to 128 of A-Z a-z 0-9 and . _ : -"));
  }
  return std::optional<std::string>(std::string(value));
}

// True for callers on this machine. gRPC names no peer for a caller in this process, who came over
// no transport at all; every transport, also the insecure one, says of what kind it is.
bool IsBelievedInTheClear(const grpc::ServerContextBase& context) {
  const std::string peer = context.peer();
  if (peer != "unknown") return internal::IsLocal(peer);
  const std::shared_ptr<const grpc::AuthContext> transport = context.auth_context();
  return transport == nullptr || transport->FindPropertyValues("transport_security_type").empty();
}

// "store_manager" for ROLE_STORE_MANAGER.
std::string RoleWord(Role role) {
  return absl::AsciiStrToLower(absl::string_view(base::v1::Role_Name(role)).substr(strlen("ROLE_")));
}

bool BelongsToAStore(Role role) { return rules::IsStorePeople(role) || role == base::v1::ROLE_CONNECTOR; }

bool MayHaveAStore(Role role) { return BelongsToAStore(role) || role == base::v1::ROLE_COURIER; }

absl::StatusOr<Actor> ActorOf(const grpc::ServerContextBase& context) {
  if (!IsBelievedInTheClear(context)) {
    return Unknown(
        "callers from other machines cannot sign in: this server takes metadata in the clear from "
        "loopback only");
  }
  ASSIGN_OR_RETURN(const std::optional<std::string> role_word, IdUnder(context, kRoleKey));
  ASSIGN_OR_RETURN(const std::optional<std::string> actor_id, IdUnder(context, kActorKey));
  ASSIGN_OR_RETURN(const std::optional<std::string> store_id, IdUnder(context, kStoreKey));
  if (!role_word.has_value()) return Unknown(absl::StrCat(kRoleKey, " is missing"));
  if (!actor_id.has_value()) return Unknown(absl::StrCat(kActorKey, " is missing"));
  Role role;
  if (!base::v1::Role_Parse(absl::StrCat("ROLE_", absl::AsciiStrToUpper(*role_word)), &role) ||
      role == base::v1::ROLE_UNSPECIFIED) {
    return Unknown(absl::StrCat(kRoleKey, " \"", *role_word, "\" is no role"));
  }
  if (BelongsToAStore(role) && !store_id.has_value()) {
    return Unknown(absl::StrCat(kStoreKey, " is missing: a ", RoleWord(role), " belongs to a store"));
  }
  // ROL-12: what a store's software may not, it does not get by calling itself something else.
  if (role == base::v1::ROLE_SERVICE && store_id.has_value()) {
    return Unknown(
        absl::StrCat(kStoreKey, " is given: a service is of no store, a store's software is a connector"));
  }
  Actor actor;
  actor.set_role(role);
  actor.set_actor_id(*actor_id);
  if (store_id.has_value() && MayHaveAStore(role)) actor.set_store_id(*store_id);
  return actor;
}

}  // namespace

namespace internal {

bool IsLocal(absl::string_view peer) {
  for (const absl::string_view prefix : {"unix:", "unix-abstract:", "ipv4:127.", "ipv6:[::1]:",
                                         "ipv6:%5B::1%5D:", "ipv6:[::ffff:127.", "ipv6:%5B::ffff:127."}) {
    if (absl::StartsWith(peer, prefix)) return true;
  }
  return false;
}

}  // namespace internal

void SetActor(grpc::ClientContext& context, const Actor& actor) {
  context.AddMetadata(kRoleKey, RoleWord(actor.role()));
  context.AddMetadata(kActorKey, actor.actor_id());
  if (!actor.store_id().empty()) context.AddMetadata(kStoreKey, actor.store_id());
}

absl::StatusOr<Actor> Admit(const grpc::ServerContextBase& context, const Descriptor& request_descriptor) {
  ASSIGN_OR_RETURN(Actor actor, ActorOf(context));
  const MethodDescriptor* method = rules::MethodOf(request_descriptor);
  if (method == nullptr) {
    return absl::InternalError(absl::StrCat(request_descriptor.full_name(), " is no method's request"));
  }
  const base::v1::Access& access = method->options().GetExtension(base::v1::access);
  if (std::count(access.roles().begin(), access.roles().end(), actor.role()) == 0) {
    return Denied(access.rule_id(),
                  absl::StrCat("role ", RoleWord(actor.role()), " may not call ", method->name()));
  }
  return actor;
}

absl::Status CheckFields(const google::protobuf::Message& message) {
  const std::vector<FieldViolation> violations = rules::CheckFields(message);
  return violations.empty() ? absl::OkStatus() : InvalidFields(violations);
}

absl::StatusOr<base::v1::Actor> PassGates(const grpc::CallbackServerContext& context,
                                          const google::protobuf::Message& request) {
  ASSIGN_OR_RETURN(base::v1::Actor actor, Admit(context, *request.GetDescriptor()));
  RETURN_IF_ERROR(CheckFields(request));
  RETURN_IF_ERROR(CheckAwaited(context));
  return actor;
}

absl::Status CheckAwaited(const grpc::CallbackServerContext& context) {
  if (context.deadline() <= std::chrono::system_clock::now()) {
    return absl::DeadlineExceededError("the deadline had passed before the work began");
  }
  if (context.IsCancelled()) return absl::CancelledError("the caller no longer waits");
  return absl::OkStatus();
}

}  // namespace makegood::rpc
