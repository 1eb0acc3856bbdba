// PolicyBook: every policy version and calendar this process knows (POL-01, POL-02, CAL-02).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/status.h"
#include "common/rules/policy/calendar.h"
#include "makegood/base/v1/policy.pb.h"
#include "makegood/base/v1/resource.pb.h"

namespace makegood::rules {

using Policy = base::v1::Policy;
using PolicyRef = base::v1::PolicyRef;

// Every way in which `policy` breaks its contract or contradicts itself; empty if it is sound. Whether
// its calendar exists is the book's to say.
std::vector<FieldViolation> CheckPolicy(const Policy& policy);

// Parses and checks one policy in protobuf text format. INVALID_ARGUMENT naming every wrong field, or
// "line 12, column 3" of what is no policy at all, an unknown field included. Any bytes are safe to pass.
absl::StatusOr<Policy> ParsePolicy(absl::string_view text);

// Filled at start-up, then read-only and shared by all threads. Pointers and references it returns live
// as long as the book, also while more is added.
class PolicyBook {
 public:
  // The shipped policies and calendars (embedded in the program).
  static absl::StatusOr<PolicyBook> Shipped();

  // Adds a calendar from iCalendar text, replacing one of the same name for the policies that count by
  // it too. INVALID_ARGUMENT says what is wrong with it.
  absl::Status AddCalendar(absl::string_view name, absl::string_view ics);

  // Adds a policy version. The highest version of a marketplace is its current one.
  // ALREADY_EXISTS if that version is there with other content; INVALID_ARGUMENT if its calendar
  // or time zone is unknown.
  absl::Status AddPolicy(const Policy& policy);

  // Adds every *.ics file of a folder as a calendar named like the file, then every *.textproto as a
  // policy, each in the order of names. The first file that is wrong ends it, and is named.
  absl::Status AddFolder(const std::string& path);

  // The policy new cases are opened under: the highest version. NOT_FOUND names the marketplaces there
  // are.
  absl::StatusOr<const Policy*> Current(absl::string_view marketplace) const;

  // The version a case is pinned to. NOT_FOUND if it was never loaded.
  absl::StatusOr<const Policy*> At(const PolicyRef& ref) const;

  // The current policies, by marketplace.
  std::vector<const Policy*> AllCurrent() const;

  // The working days a policy of this book counts in: its calendar in its time zone.
  const WorkingDays& DaysOf(const Policy& policy) const;

  // CAL-03: the last day that a calendar of this book knows, YYYY-MM-DD; empty if there is no such calendar.
  std::string KnownUntil(absl::string_view calendar) const;

  // The names of its calendars.
  std::vector<std::string> Calendars() const;

 private:
  std::map<std::pair<std::string, int64_t>, Policy> policies_;
  std::map<std::string, std::shared_ptr<const Calendar>, std::less<>> calendars_;
  // By marketplace and version, made when the policy is added.
  std::map<std::pair<std::string, int64_t>, WorkingDays> days_;
};

// The reference by which a case pins `policy`.
PolicyRef RefTo(const Policy& policy);

}  // namespace makegood::rules
