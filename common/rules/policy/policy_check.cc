// What makes a policy sound, beyond its single fields (POL-01).
#include <re2/re2.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/rules/fields/field_check.h"
#include "common/rules/policy/policy_book.h"
#include "google/protobuf/descriptor.h"

namespace makegood::rules {
namespace {

using base::v1::ClaimPolicy;
using base::v1::IncidentPolicy;
using base::v1::SurchargePolicy;
using base::v1::VerificationPolicy;

constexpr int64_t kMaxClaimBytes = int64_t{1} << 40;
constexpr int kMaxPatternLength = 200;

class Findings {
 public:
  explicit Findings(std::vector<FieldViolation> found) : found_(std::move(found)) {}

  // Adds the problem unless `sound`.
  void Want(bool sound, absl::string_view field, absl::string_view problem) {
    if (!sound) found_.push_back({std::string(field), std::string(problem)});
  }

  std::vector<FieldViolation> Take() { return std::move(found_); }

 private:
  std::vector<FieldViolation> found_;
};

template <typename List>
bool HasNoDuplicates(const List& list) {
  return std::set<typename List::value_type>(list.begin(), list.end()).size() ==
         static_cast<size_t>(list.size());
}

template <typename List, typename Value>
bool Holds(const List& list, const Value& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

bool IsMarketplace(absl::string_view name) {
  return std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-' || c == '_';
  });
}

// "Europe/Prague", "UTC": nothing that leads the loader to a file of its own or to this machine's zone.
bool IsTimeZone(const std::string& name) {
  const bool shaped = std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_isalnum(c) || c == '/' || c == '_' || c == '+' || c == '-';
  });
  absl::TimeZone zone;
  return shaped && !absl::StartsWith(name, "/") && name != "localtime" && absl::LoadTimeZone(name, &zone);
}

// Those that the claims service can check for being whole; it refuses a file of any other.
bool IsCheckedType(absl::string_view type) {
  constexpr absl::string_view kTypes[] = {"image/jpeg", "image/png", "image/webp",     "image/heic",
                                          "image/heif", "video/mp4", "video/quicktime"};
  return std::find(std::begin(kTypes), std::end(kTypes), type) != std::end(kTypes);
}

bool IsPattern(const std::string& pattern) {
  RE2::Options options;
  options.set_log_errors(false);
  return pattern.size() <= kMaxPatternLength && RE2(pattern, options).ok();
}

void CheckVerification(const VerificationPolicy& verification, Findings& findings) {
  findings.Want(verification.opens_working_day() <= verification.due_working_day(),
                "claims.verification.due_working_day", "lies before the window opens");
  findings.Want(HasNoDuplicates(verification.evidence_types()), "claims.verification.evidence_types",
                "names one twice");
  findings.Want(
      std::all_of(verification.evidence_types().begin(), verification.evidence_types().end(), IsCheckedType),
      "claims.verification.evidence_types",
      "want image/jpeg, image/png, image/webp, image/heic, image/heif, video/mp4, video/quicktime");
  findings.Want(verification.max_file_bytes() <= verification.max_claim_bytes(),
                "claims.verification.max_claim_bytes", "is less than one file may have");
  findings.Want(verification.max_claim_bytes() <= kMaxClaimBytes, "claims.verification.max_claim_bytes",
                "is more than 1 TiB");
}

void CheckClaims(const ClaimPolicy& claims, Findings& findings) {
  findings.Want(HasNoDuplicates(claims.kinds()), "claims.kinds", "names one twice");
  findings.Want(HasNoDuplicates(claims.resolutions()), "claims.resolutions", "names one twice");
  const auto& targets = claims.refund_target_hours();
  findings.Want(std::is_sorted(targets.begin(), targets.end()) && HasNoDuplicates(targets),
                "claims.refund_target_hours", "want each later than the one before");
  findings.Want(targets.empty() || *targets.rbegin() <= 24 * claims.resolve_within_working_days(),
                "claims.refund_target_hours", "lie beyond resolve_within_working_days");

  std::set<std::string> carriers;
  for (const std::string& carrier : claims.forbidden_reship_carriers()) {
    findings.Want(!carrier.empty(), "claims.forbidden_reship_carriers", "holds an empty name");
    findings.Want(carriers.insert(absl::AsciiStrToLower(carrier)).second, "claims.forbidden_reship_carriers",
                  "names one twice");
  }

  const bool withdrawal = claims.withdraw_within_days() > 0;
  findings.Want(withdrawal == (claims.withdrawal_refund_within_days() > 0),
                "claims.withdrawal_refund_within_days", "want days if, and only if, there is a withdrawal");
  findings.Want(withdrawal || !Holds(claims.resolutions(), base::v1::RESOLUTION_KIND_WITHDRAWAL),
                "claims.withdraw_within_days", "is 0, but resolutions offer a withdrawal");
  if (claims.has_verification()) CheckVerification(claims.verification(), findings);
}

// PAY-03 bounds who may be an issuer.
void CheckSurcharges(const SurchargePolicy& surcharges, Findings& findings) {
  const bool any = !surcharges.kinds().empty();
  findings.Want(HasNoDuplicates(surcharges.kinds()), "surcharges.kinds", "names one twice");
  findings.Want(HasNoDuplicates(surcharges.issuers()), "surcharges.issuers", "names one twice");
  findings.Want(any == !surcharges.issuers().empty(), "surcharges.issuers",
                "want issuers if, and only if, there are kinds");
  findings.Want(any == (surcharges.expires_after_days() > 0), "surcharges.expires_after_days",
                "want days if, and only if, there are kinds");
  for (const int issuer : surcharges.issuers()) {
    findings.Want(issuer == base::v1::ROLE_STORE_MANAGER || issuer == base::v1::ROLE_STORE_DIRECTOR ||
                      issuer == base::v1::ROLE_OPERATIONS,
                  "surcharges.issuers", "want store managers, directors and Operations only (PAY-03)");
  }
}

// What can become of each kind of trouble that a policy rules (AVL-03 to AVL-06).
void CheckIncident(const base::v1::IncidentRule& rule, const std::string& at, Findings& findings) {
  const bool part = rule.kind() == base::v1::INCIDENT_KIND_SHORT_PICK;
  const auto holds = [&](base::v1::IncidentOption option) {
    return Holds(rule.options(), static_cast<int>(option));
  };
  const bool at_once = rule.at_once() != base::v1::INCIDENT_OPTION_UNSPECIFIED;
  findings.Want(part || rule.kind() == base::v1::INCIDENT_KIND_NO_STOCK ||
                    rule.kind() == base::v1::INCIDENT_KIND_OVERSIZE,
                absl::StrCat(at, ".kind"), "want SHORT_PICK, NO_STOCK or OVERSIZE");
  findings.Want(HasNoDuplicates(rule.options()), absl::StrCat(at, ".options"), "names one twice");
  findings.Want(at_once != !rule.options().empty(), absl::StrCat(at, ".options"),
                "want options, or what happens at once");
  findings.Want(at_once || holds(base::v1::INCIDENT_OPTION_CREDIT_MISSING) ||
                    holds(base::v1::INCIDENT_OPTION_CANCEL_ORDER),
                absl::StrCat(at, ".options"), "want one that ends it: a credit or a cancellation");
  findings.Want(part || !holds(base::v1::INCIDENT_OPTION_CREDIT_MISSING), absl::StrCat(at, ".options"),
                "a whole order is cancelled, not credited");
  findings.Want(!at_once || (!part && rule.at_once() == base::v1::INCIDENT_OPTION_CANCEL_ORDER),
                absl::StrCat(at, ".at_once"), "want CANCEL_ORDER, of a whole order");
  findings.Want(
      rule.unanswered() == base::v1::INCIDENT_OPTION_UNSPECIFIED ||
          (holds(rule.unanswered()) && rule.unanswered() != base::v1::INCIDENT_OPTION_AWAIT_RESTOCK),
      absl::StrCat(at, ".unanswered"), "want one of the options, and not to wait");
}

void CheckIncidents(const IncidentPolicy& incidents, Findings& findings) {
  std::set<int> kinds;
  for (int i = 0; i < incidents.kinds_size(); ++i) {
    const std::string at = absl::StrCat("incidents.kinds[", i, "]");
    CheckIncident(incidents.kinds(i), at, findings);
    findings.Want(kinds.insert(incidents.kinds(i).kind()).second, absl::StrCat(at, ".kind"),
                  "is there twice");
  }
  findings.Want(incidents.no_stock_after_hours() == 0 ||
                    incidents.no_stock_after_hours() > incidents.overdue_after_hours(),
                "incidents.no_stock_after_hours", "want more than overdue_after_hours");
}

}  // namespace

std::vector<FieldViolation> CheckPolicy(const Policy& policy) {
  Findings findings(CheckFields(policy));
  findings.Want(IsMarketplace(policy.marketplace()), "marketplace",
                "want lower-case letters, digits, - and _");
  findings.Want(IsTimeZone(policy.time_zone()), "time_zone", "is no known IANA time zone");
  findings.Want(HasNoDuplicates(policy.currencies()), "currencies", "names one twice");
  findings.Want(HasNoDuplicates(policy.languages()), "languages", "names one twice");
  findings.Want(HasNoDuplicates(policy.orders().payment_methods()), "orders.payment_methods",
                "names one twice");
  CheckClaims(policy.claims(), findings);
  findings.Want(IsPattern(policy.credit_notes().return_number_pattern()),
                "credit_notes.return_number_pattern", "is no RE2 expression of up to 200 characters");
  CheckSurcharges(policy.surcharges(), findings);
  CheckIncidents(policy.incidents(), findings);
  findings.Want(HasNoDuplicates(policy.notices().customer_channels()), "notices.customer_channels",
                "names one twice");
  return findings.Take();
}

}  // namespace makegood::rules
