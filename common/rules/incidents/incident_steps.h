// The steps of an incident's life, each within the commit of its order: the caller reads the order before and
// puts it after, and these put the incident.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/rules/incidents/incident_records.h"
#include "common/rules/orders/order_records.h"
#include "common/rules/policy/policy_book.h"
#include "common/rules/transaction.h"

namespace makegood::rules {

// Timers; the payload is the incident's id.
inline constexpr absl::string_view kChoiceDue = "incident-choice-due";    // EndChoice
inline constexpr absl::string_view kRestockDue = "incident-restock-due";  // EndRestock

// The id of a timer: one of a kind for an incident or order.
std::string TimerId(absl::string_view kind, absl::string_view id);

// Whether that is among its options.
bool Offers(const Incident& incident, base::v1::IncidentOption option);

// What was found.
struct Finding {
  base::v1::IncidentKind kind = base::v1::INCIDENT_KIND_UNSPECIFIED;
  base::v1::IncidentSource source = base::v1::INCIDENT_SOURCE_UNSPECIFIED;
  std::vector<incidents::v1::IncidentUnits> units = {};  // none: the whole order
  absl::Time restock_time = absl::InfinitePast();        // in the past: not known
  bool decided = false;  // what becomes of it happens in the same commit: nothing is held or asked
};

// What a policy offers for that kind of trouble; nothing where it does not know it.
const base::v1::IncidentRule* RuleFor(const Policy& policy, base::v1::IncidentKind kind);

// The open incidents of an order, oldest first.
absl::StatusOr<std::vector<Incident>> OpenIncidents(absl::string_view order_id, Transaction& tx);

// Opens one. What a pick finds, and what is reported, holds the order (ORD-12).
absl::StatusOr<Incident> OpenIncident(const Finding& found, Order& order, Transaction& tx);

// It is about these units now, and waits until that time; the customer is asked anew where more is
// missing or the time has moved.
// `noted`: what the log says; UNSPECIFIED: nothing.
absl::Status Reconsider(const Finding& found, incidents::v1::IncidentLogEntry::Kind noted, Incident& incident,
                        Order& order, Transaction& tx);

// Who chooses, and the record of the customer's word where Operations do.
struct Choice {
  base::v1::IncidentOption option = base::v1::INCIDENT_OPTION_UNSPECIFIED;
  bool by_itself = false;
  std::string customer_word = {};
};
absl::Status TakeOption(const Choice& choice, Incident& incident, Order& order, Transaction& tx);

// Ends it, and releases its hold.
absl::Status CloseIncident(base::v1::IncidentOutcome outcome, Incident& incident, Order& order,
                           Transaction& tx);

// Asks the customer again, or for the first time: what may be chosen now, and until when.
absl::Status OfferOptions(Incident& incident, const Order& order, const Policy& policy, Transaction& tx);

}  // namespace makegood::rules
