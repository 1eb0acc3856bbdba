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
using base::v1::DeliveryPolicy;
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
  std::set<int> zones;
  for (const base::v1::ResendSpeed& speed : claims.resend_within()) {
    findings.Want(zones.insert(speed.zone()).second, "claims.resend_within", "name a zone twice");
  }
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

using IncidentOptions = std::initializer_list<base::v1::IncidentOption>;

// What may be offered for each kind of trouble (AVL-03 to AVL-08, DLV-03 to DLV-08); nothing where it knows
// no choice.
IncidentOptions OptionsFor(base::v1::IncidentKind kind) {
  static constexpr IncidentOptions kPart = {
      base::v1::INCIDENT_OPTION_AWAIT_RESTOCK, base::v1::INCIDENT_OPTION_CREDIT_MISSING,
      base::v1::INCIDENT_OPTION_ALTERNATIVE_PRODUCT, base::v1::INCIDENT_OPTION_CANCEL_ORDER};
  static constexpr IncidentOptions kWhole = {base::v1::INCIDENT_OPTION_AWAIT_RESTOCK,
                                             base::v1::INCIDENT_OPTION_ALTERNATIVE_PRODUCT,
                                             base::v1::INCIDENT_OPTION_CANCEL_ORDER};
  static constexpr IncidentOptions kBack = {base::v1::INCIDENT_OPTION_REDELIVER,
                                            base::v1::INCIDENT_OPTION_ANOTHER_RECIPIENT,
                                            base::v1::INCIDENT_OPTION_REFUND_LESS_FEE};
  switch (kind) {
    case base::v1::INCIDENT_KIND_SHORT_PICK:
      return kPart;
    case base::v1::INCIDENT_KIND_NO_STOCK:
    case base::v1::INCIDENT_KIND_OVERSIZE:
    case base::v1::INCIDENT_KIND_SUPPLIER_SILENT:
      return kWhole;
    case base::v1::INCIDENT_KIND_RECIPIENT_ELSEWHERE:
    case base::v1::INCIDENT_KIND_NOBODY_THERE:
    case base::v1::INCIDENT_KIND_REFUSED:
    case base::v1::INCIDENT_KIND_WRONG_ADDRESS:
      return kBack;
    default:
      return {};
  }
}

// What gives money back, so that nothing waits for ever.
bool EndsIt(int option) {
  return option == base::v1::INCIDENT_OPTION_CREDIT_MISSING ||
         option == base::v1::INCIDENT_OPTION_CANCEL_ORDER ||
         option == base::v1::INCIDENT_OPTION_REFUND_LESS_FEE;
}

void CheckIncident(const base::v1::IncidentRule& rule, const std::string& at, Findings& findings) {
  findings.Want(HasNoDuplicates(rule.options()), absl::StrCat(at, ".options"), "names one twice");
  findings.Want(HasNoDuplicates(rule.tasks()), absl::StrCat(at, ".tasks"), "names one twice");
  const IncidentOptions may = OptionsFor(rule.kind());
  if (may.size() == 0) {
    findings.Want(rule.kind() == base::v1::INCIDENT_KIND_OVERDUE, absl::StrCat(at, ".kind"),
                  "is one that a policy says nothing of");
    findings.Want(rule.options().empty() && rule.at_once() == base::v1::INCIDENT_OPTION_UNSPECIFIED &&
                      rule.unanswered() == base::v1::INCIDENT_OPTION_UNSPECIFIED,
                  absl::StrCat(at, ".options"), "want none: only tasks are said of it");
    return;
  }
  const auto offers = [&](int option) { return Holds(rule.options(), option); };
  const bool at_once = rule.at_once() != base::v1::INCIDENT_OPTION_UNSPECIFIED;
  findings.Want(at_once != !rule.options().empty(), absl::StrCat(at, ".options"),
                "want options, or what happens at once");
  findings.Want(at_once || std::any_of(rule.options().begin(), rule.options().end(), EndsIt),
                absl::StrCat(at, ".options"), "want one that gives money back");
  for (const int option : rule.options()) {
    findings.Want(std::find(may.begin(), may.end(), option) != may.end(), absl::StrCat(at, ".options"),
                  "names one that is not for that kind");
  }
  findings.Want(!at_once || (rule.kind() != base::v1::INCIDENT_KIND_SHORT_PICK &&
                             rule.at_once() == base::v1::INCIDENT_OPTION_CANCEL_ORDER &&
                             std::find(may.begin(), may.end(), rule.at_once()) != may.end()),
                absl::StrCat(at, ".at_once"), "want CANCEL_ORDER, of a whole order that has not left");
  findings.Want(
      rule.unanswered() == base::v1::INCIDENT_OPTION_UNSPECIFIED ||
          (offers(rule.unanswered()) && rule.unanswered() != base::v1::INCIDENT_OPTION_AWAIT_RESTOCK &&
           rule.unanswered() != base::v1::INCIDENT_OPTION_ALTERNATIVE_PRODUCT &&
           rule.unanswered() != base::v1::INCIDENT_OPTION_ANOTHER_RECIPIENT),
      absl::StrCat(at, ".unanswered"), "want one of the options that needs no further word");
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

// DLV-04, DLV-05, DLV-08.
void CheckDeliveries(const DeliveryPolicy& deliveries, Findings& findings) {
  findings.Want(deliveries.longest_wait_minutes() >= deliveries.wait_minutes(),
                "deliveries.longest_wait_minutes", "want no less than wait_minutes");
  findings.Want(HasNoDuplicates(deliveries.takers()), "deliveries.takers", "names one twice");
  findings.Want(!Holds(deliveries.takers(), base::v1::TAKER_RECIPIENT), "deliveries.takers",
                "names the recipient, who always may");
  findings.Want(HasNoDuplicates(deliveries.deviating_takers()), "deliveries.deviating_takers",
                "names one twice");
  const auto& deviating = deliveries.deviating_takers();
  findings.Want(std::all_of(deviating.begin(), deviating.end(),
                            [&](int taker) { return Holds(deliveries.takers(), taker); }),
                "deliveries.deviating_takers", "names one that is not among takers");
  findings.Want(HasNoDuplicates(deliveries.interception_zones()), "deliveries.interception_zones",
                "names one twice");
}

// DLV-01: what a zone costs is asked for by a surcharge where it is more.
void CheckZoneFees(const Policy& policy, Findings& findings) {
  const auto& fees = policy.deliveries().zone_fees();
  std::set<std::pair<int, std::string>> named;
  for (const base::v1::ZoneFee& of_zone : fees) {
    findings.Want(Holds(policy.currencies(), of_zone.fee().currency()), "deliveries.zone_fees",
                  "are in a currency that is none of the marketplace's");
    findings.Want(named.emplace(of_zone.zone(), of_zone.fee().currency()).second, "deliveries.zone_fees",
                  "name a zone and currency twice");
  }
  findings.Want(
      fees.empty() || Holds(policy.surcharges().kinds(), int{base::v1::SURCHARGE_KIND_FARTHER_ADDRESS}),
      "deliveries.zone_fees", "want surcharges for a farther address");
}

void CheckStock(const base::v1::StockPolicy& stock, Findings& findings) {
  findings.Want(stock.low_threshold() >= stock.zero_threshold(), "stock.low_threshold",
                "want no fewer than zero_threshold");
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
  CheckDeliveries(policy.deliveries(), findings);
  CheckZoneFees(policy, findings);
  CheckStock(policy.stock(), findings);
  findings.Want(HasNoDuplicates(policy.notices().customer_channels()), "notices.customer_channels",
                "names one twice");
  return findings.Take();
}

}  // namespace makegood::rules
