#include "common/rules/scope.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/enum_word.h"
#include "common/base/status.h"

namespace makegood::rules {
namespace {

using base::v1::Access;
using base::v1::Actor;
using base::v1::Role;

}  // namespace

base::v1::Actor ServiceActor(absl::string_view name) {
  base::v1::Actor actor;
  actor.set_role(base::v1::ROLE_SERVICE);
  actor.set_actor_id(std::string(name));
  return actor;
}

bool IsStorePeople(Role role) {
  return role == base::v1::ROLE_STORE_EMPLOYEE || role == base::v1::ROLE_STORE_MANAGER ||
         role == base::v1::ROLE_STORE_DIRECTOR;
}

bool IsOwnService(const Actor& actor) { return actor.role() == base::v1::ROLE_SERVICE; }

// Ids of different roles, and of people of different stores, are different callers'.
Caller CallerOf(const Actor& actor) {
  return {absl::StrCat(absl::AsciiStrToLower(EnumWord(actor.role())), " ", actor.actor_id(),
                       actor.store_id().empty() ? "" : " of ", actor.store_id()),
          actor.store_id(), IsOwnService(actor)};
}

const google::protobuf::MethodDescriptor* MethodOf(const google::protobuf::Descriptor& request) {
  const google::protobuf::FileDescriptor& file = *request.file();
  for (int s = 0; s < file.service_count(); ++s) {
    for (int m = 0; m < file.service(s)->method_count(); ++m) {
      const google::protobuf::MethodDescriptor* method = file.service(s)->method(m);
      if (method->input_type() == &request) return method;
    }
  }
  return nullptr;
}

Method AsStated(const google::protobuf::Descriptor& request) {
  const google::protobuf::MethodDescriptor* const method = MethodOf(request);
  if (method == nullptr) return {request.name(), Access::default_instance()};
  return {method->name(), method->options().GetExtension(base::v1::access)};
}

bool IsFor(Role role, const Method& method) {
  const auto& roles = method.access.roles();
  return std::find(roles.begin(), roles.end(), role) != roles.end();
}

absl::Status CheckRole(const Actor& actor, const Method& method) {
  if (IsFor(actor.role(), method)) return absl::OkStatus();
  return Denied(method.access.rule_id(), absl::StrCat("not for the role ", EnumWord(actor.role())));
}

absl::Status CheckScope(const Actor& actor, absl::string_view merchant_id, absl::string_view customer_id,
                        absl::string_view rule_id) {
  switch (actor.role()) {
    case base::v1::ROLE_OPERATIONS:
    case base::v1::ROLE_AUDITOR:
    case base::v1::ROLE_SERVICE:
      return absl::OkStatus();
    case base::v1::ROLE_CUSTOMER:
      if (!customer_id.empty() && actor.actor_id() == customer_id) return absl::OkStatus();
      return Denied(rule_id, "customers reach their own only");
    case base::v1::ROLE_CONNECTOR:
    case base::v1::ROLE_STORE_EMPLOYEE:
    case base::v1::ROLE_STORE_MANAGER:
    case base::v1::ROLE_STORE_DIRECTOR:
      if (!merchant_id.empty() && actor.store_id() == merchant_id) return absl::OkStatus();
      return Denied(rule_id, "stores reach their own only");
    default:
      return Denied(rule_id, absl::StrCat("out of reach for the role ", EnumWord(actor.role())));
  }
}

absl::Status CheckAccess(const Actor& actor, const Method& method, absl::string_view merchant_id,
                         absl::string_view customer_id) {
  RETURN_IF_ERROR(CheckRole(actor, method));
  return CheckScope(actor, merchant_id, customer_id, method.access.rule_id());
}

absl::Status CheckCustomerWord(const Actor& actor, absl::string_view customer_word) {
  const bool for_customer = actor.role() == base::v1::ROLE_OPERATIONS;
  if (for_customer && customer_word.empty()) {
    return InvalidFields({{"customer_word", "is missing: where is the customer's word on record (ROL-08)?"}});
  }
  if (!for_customer && !customer_word.empty()) {
    return InvalidFields({{"customer_word", "is told by Operations alone (ROL-08)"}});
  }
  return absl::OkStatus();
}

base::v1::AvailableAction Answered(const Method& method, const absl::Status& guard) {
  base::v1::AvailableAction answer;
  answer.set_action(std::string(method.name));
  answer.set_allowed(guard.ok());
  if (!guard.ok()) {
    answer.set_rule_id(RuleOf(guard));
    // The sentence without the ID in front, which has a field of its own.
    answer.set_reason(std::string(absl::StripPrefix(guard.message(), absl::StrCat(answer.rule_id(), ": "))));
  }
  return answer;
}

}  // namespace makegood::rules
