// Who may do what (ROL): the role by the contract's own word, and whose record it is. The same
// checks stand before a decision and behind its available actions (ORD-09), so that they agree.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/base/places.h"
#include "google/protobuf/descriptor.h"
#include "makegood/base/v1/access.pb.h"
#include "makegood/base/v1/resource.pb.h"

namespace makegood::rules {

// One of the four services, as it names itself to the others.
base::v1::Actor ServiceActor(absl::string_view name);

// True for the people of a merchant's store.
bool IsStorePeople(base::v1::Role role);

// One of the services, or the marketplace's back end; never a store's software.
bool IsOwnService(const base::v1::Actor& actor);

// Whose places this actor takes up (SYS-12).
Caller CallerOf(const base::v1::Actor& actor);

// The method whose request this is, or nullptr. Looked for in the request's own file.
const google::protobuf::MethodDescriptor* MethodOf(const google::protobuf::Descriptor& request);

// A method as its contract states it: every method has a request of its own, which names it here.
struct Method {
  absl::string_view name;          // "ApproveClaim"
  const base::v1::Access& access;  // admits nobody where the contract says nothing
};
Method AsStated(const google::protobuf::Descriptor& request);

// Looked up once.
template <typename Request>
const Method& MethodOf() {
  static const Method method = AsStated(*Request::descriptor());
  return method;
}

// Whether the method's access option admits that role.
bool IsFor(base::v1::Role role, const Method& method);

// PERMISSION_DENIED under the method's rule unless its access option admits the actor's role.
absl::Status CheckRole(const base::v1::Actor& actor, const Method& method);

// PERMISSION_DENIED under `rule_id` unless the record of this merchant and this customer is within
// the actor's reach: customers reach their own; store people and connectors
// their store's; Operations, auditors and services all. Recipients and couriers reach
// nothing by these two ids: who admits them checks them first.
absl::Status CheckScope(const base::v1::Actor& actor, absl::string_view merchant_id,
                        absl::string_view customer_id, absl::string_view rule_id);

// Both for a method about one record: the role, and then the reach, under the method's own rule.
absl::Status CheckAccess(const base::v1::Actor& actor, const Method& method, absl::string_view merchant_id,
                         absl::string_view customer_id);

// ROL-08: Operations act for a customer on the customer's recorded word, and say where it is on record;
// customers speak for themselves and name none. INVALID_ARGUMENT naming customer_word.
absl::Status CheckCustomerWord(const base::v1::Actor& actor, absl::string_view customer_word);

// What `guard` says of `method`, as a resource tells it (ORD-09).
base::v1::AvailableAction Answered(const Method& method, const absl::Status& guard);

}  // namespace makegood::rules
