#include "common/rules/scope.h"

#include <algorithm>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"
#include "google/protobuf/descriptor.h"

namespace makegood::rules {
namespace {

using base::v1::Access;
using base::v1::Actor;
using base::v1::Role;

std::string RoleName(Role role) {
  const std::string name = base::v1::Role_Name(role);
  return std::string(absl::StripPrefix(absl::string_view(name), "ROLE_"));
}

absl::StatusOr<const Access*> AccessOf(absl::string_view method) {
  const google::protobuf::MethodDescriptor* const descriptor =
      google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(std::string(method));
  if (descriptor == nullptr || !descriptor->options().HasExtension(base::v1::access)) {
    return absl::InternalError(absl::StrCat(method, " states no access"));
  }
  return &descriptor->options().GetExtension(base::v1::access);
}

absl::Status CheckRoleOf(const Access& access, const Actor& actor) {
  if (std::find(access.roles().begin(), access.roles().end(), actor.role()) != access.roles().end()) {
    return absl::OkStatus();
  }
  return Denied(access.rule_id(), absl::StrCat("not for the role ", RoleName(actor.role())));
}

}  // namespace

bool IsStorePeople(Role role) {
  return role == base::v1::ROLE_STORE_EMPLOYEE || role == base::v1::ROLE_STORE_MANAGER ||
         role == base::v1::ROLE_STORE_DIRECTOR;
}

absl::Status CheckRole(const Actor& actor, absl::string_view method) {
  ASSIGN_OR_RETURN(const Access* access, AccessOf(method));
  return CheckRoleOf(*access, actor);
}

absl::Status CheckScope(const Actor& actor, absl::string_view merchant_id, absl::string_view customer_id,
                        absl::string_view rule_id) {
  switch (actor.role()) {
    case base::v1::ROLE_OPERATIONS:
    case base::v1::ROLE_AUDITOR:
      return absl::OkStatus();
    case base::v1::ROLE_CUSTOMER:
      if (!customer_id.empty() && actor.actor_id() == customer_id) return absl::OkStatus();
      return Denied(rule_id, "customers reach their own only");
    case base::v1::ROLE_SERVICE:
      if (actor.store_id().empty()) return absl::OkStatus();
      [[fallthrough]];
    case base::v1::ROLE_STORE_EMPLOYEE:
    case base::v1::ROLE_STORE_MANAGER:
    case base::v1::ROLE_STORE_DIRECTOR:
      if (!merchant_id.empty() && actor.store_id() == merchant_id) return absl::OkStatus();
      return Denied(rule_id, "stores reach their own only");
    default:
      return Denied(rule_id, absl::StrCat("out of reach for the role ", RoleName(actor.role())));
  }
}

absl::Status CheckAccess(const Actor& actor, absl::string_view method, absl::string_view merchant_id,
                         absl::string_view customer_id) {
  ASSIGN_OR_RETURN(const Access* access, AccessOf(method));
  RETURN_IF_ERROR(CheckRoleOf(*access, actor));
  return CheckScope(actor, merchant_id, customer_id, access->rule_id());
}

base::v1::AvailableAction Asked(absl::string_view action, const absl::Status& guard) {
  base::v1::AvailableAction asked;
  asked.set_action(std::string(action));
  asked.set_allowed(guard.ok());
  if (!guard.ok()) {
    asked.set_rule_id(RuleOf(guard));
    // The sentence without the ID in front, which has a field of its own.
    asked.set_reason(std::string(absl::StripPrefix(guard.message(), absl::StrCat(asked.rule_id(), ": "))));
  }
  return asked;
}

}  // namespace makegood::rules
