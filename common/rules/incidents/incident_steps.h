// The steps of an incident's life, each within the commit of its order: the caller reads the order before and
// puts it after, and these put the incident.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/rules/incidents/incident_offer.h"
#include "common/rules/incidents/incident_records.h"
#include "common/rules/orders/order_records.h"
#include "common/rules/policy/policy_book.h"
#include "common/rules/transaction.h"
#include "makegood/orders/v1/addresses_service.pb.h"

namespace makegood::rules {

// Timers; the payload is the incident's id.
inline constexpr absl::string_view kChoiceDue = "incident-choice-due";    // EndChoice
inline constexpr absl::string_view kRestockDue = "incident-restock-due";  // EndRestock

// Writes into the incident's log; the last 100 entries are kept. The caller puts it.
void NoteInLog(incidents::v1::IncidentLogEntry::Kind kind, Incident& incident, const Transaction& tx);

// What was found.
struct Finding {
  base::v1::IncidentKind kind = base::v1::INCIDENT_KIND_UNSPECIFIED;
  base::v1::IncidentSource source = base::v1::INCIDENT_SOURCE_UNSPECIFIED;
  std::vector<incidents::v1::IncidentUnits> units = {};  // none: the whole order
  absl::Time restock_time = absl::InfinitePast();        // in the past: not known
  std::vector<incidents::v1::SupplierTask> tasks = {};   // what the supplier was asked for already
  bool decided = false;  // what becomes of it happens in the same commit: nothing is held or asked
};

// The open incidents of an order, oldest first.
absl::StatusOr<std::vector<Incident>> OpenIncidents(absl::string_view order_id, Transaction& tx);

// Opens one. What is found by somebody, and not by a timer, holds an order that can be held (ORD-12). The
// supplier is asked for what the policy says (AVL-05 to AVL-07).
absl::StatusOr<Incident> OpenIncident(const Finding& found, Order& order, Transaction& tx);

// It is about these units now, and waits until that time; the customer is asked anew where more is
// missing or the time has moved.
// `noted`: what the log says; UNSPECIFIED: nothing.
absl::Status Reconsider(const Finding& found, incidents::v1::IncidentLogEntry::Kind noted, Incident& incident,
                        Order& order, Transaction& tx);

// What is offered when a customer is asked anew: a courier leaves for some of it, which may not be paid for.
enum class Ways { kOffered, kTakenBack };

// What was chosen does not hold any more: the customer chooses anew.
absl::Status Reopen(Incident& incident, Order& order, const Policy& policy, Transaction& tx,
                    Ways ways = Ways::kOffered);

// Who chooses, and the record of the customer's word where Operations do.
struct Choice {
  base::v1::IncidentOption option = base::v1::INCIDENT_OPTION_UNSPECIFIED;
  bool by_itself = false;
  std::string customer_word = {};
  orders::v1::ChangeAddressRequest elsewhere = {};  // for another recipient
};
absl::Status TakeOption(const Choice& choice, Incident& incident, Order& order, Transaction& tx);

// Ends it, and releases its hold.
absl::Status CloseStep(base::v1::IncidentOutcome outcome, Incident& incident, Order& order, Transaction& tx);

// ---- For what happens on the way. Nothing happens where there is no such incident.

// Ends the open one of that kind.
absl::Status CloseIncidentOf(base::v1::IncidentKind kind, base::v1::IncidentOutcome outcome, Order& order,
                             Transaction& tx);

// The goods are back at the store: what is still to be chosen holds them and, where the customer has chosen
// their price, the order is RETURNED and the incident over (DLV-06). What gives money back is told last.
absl::Status GoodsBackAtStore(Order& order, Transaction& tx);

// Asks the customer anew: what may be chosen now, and until when.
absl::Status AskAgain(Incident& incident, const Order& order, const Policy& policy, Transaction& tx,
                      Ways ways = Ways::kOffered);

}  // namespace makegood::rules
