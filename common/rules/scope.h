// Who may do what (ROL): the role by the contract's own word, and whose record it is. The same
// checks stand before a decision and behind its available actions (ORD-09), so that they agree.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "makegood/base/v1/access.pb.h"
#include "makegood/base/v1/resource.pb.h"

namespace makegood::rules {

// True for the people of a merchant's store.
bool IsStorePeople(base::v1::Role role);

// PERMISSION_DENIED under the method's rule unless its access option admits the actor's role.
// `method` is a full name, e.g. "makegood.claims.v1.ClaimsService.ApproveClaim". INTERNAL for a
// method that is not linked in or has no such option.
absl::Status CheckRole(const base::v1::Actor& actor, absl::string_view method);

// PERMISSION_DENIED under `rule_id` unless the record of this merchant and this customer is within
// the actor's reach: customers reach their own; store people, and connectors acting for a store,
// their store's; Operations, auditors and our own services all. Recipients and couriers reach
// nothing by these two ids: who admits them checks them first.
absl::Status CheckScope(const base::v1::Actor& actor, absl::string_view merchant_id,
                        absl::string_view customer_id, absl::string_view rule_id);

// Both for a method about one record: the role, and then the reach, under the method's own rule.
absl::Status CheckAccess(const base::v1::Actor& actor, absl::string_view method,
                         absl::string_view merchant_id, absl::string_view customer_id);

// What `guard` says of `action`, as a resource tells it (ORD-09).
base::v1::AvailableAction Asked(absl::string_view action, const absl::Status& guard);

}  // namespace makegood::rules
